namespace Conversations.Storage;

/// <summary>Reads rows of messages up to a token limit.</summary>
internal static class MessageReader
{
    // Enough for most windows. A window that is limited by tokens does not allocate room for its message limit.
    private const int UsualCount = 64;

    private const int Flags = 4;
    private const int Author = 8;
    private const int ChecksumOfContent = 9;
    private const int Content = 10;
    private const int SupersededBy = 11;

    /// <summary>Binds the limits, ?3 to ?5.</summary>
    public static void BindLimits(SqliteStatement statement, int limit, TokenAmount? tokens)
    {
        statement.Bind(3, limit);
        statement.Bind(4, tokens?.Counter);
        statement.Bind(5, tokens?.Count);
    }

    /// <summary>Reads the rows of a statement.</summary>
    /// <param name="statement">The statement, bound.</param>
    /// <param name="conversationId">The id of the conversation.</param>
    /// <param name="limit">The limit of messages that was bound.</param>
    /// <param name="tokens">The limit of tokens that was bound.</param>
    /// <param name="withSuperseded">Whether the statement returns the number of the run that superseded a message.</param>
    public static List<StoredMessage> Read(SqliteStatement statement, string conversationId, int limit, TokenAmount? tokens, bool withSuperseded)
    {
        var messages = new List<StoredMessage>(Math.Min(limit, UsualCount));
        var text = new ContentPart[1];
        var sum = 0L;
        while (statement.Step())
        {
            var counted = RowValues.OptionalTokens(statement, 6);
            var isOmitted = false;
            var supersededBy = withSuperseded ? statement.OptionalInt64(SupersededBy) : null;
            if (tokens is { } most && counted is { } cost && string.Equals(cost.Counter, most.Counter, StringComparison.Ordinal))
            {
                isOmitted = cost.Count > most.Count;
                if (!isOmitted && (sum += cost.Count) > most.Count)
                    break;
            }

            messages.Add(Read(statement, conversationId, text, counted, supersededBy, isOmitted));
        }

        return messages;
    }

    /// <summary>Reads one message. Damage of its role, time or content does not affect others [9.3].</summary>
    /// <param name="row">The row.</param>
    /// <param name="conversationId">The id of the conversation.</param>
    /// <param name="text">A list for the part of a message that is one text. Most are, and a message copies its parts, so one list serves all.</param>
    /// <param name="tokens">The token count of the message.</param>
    /// <param name="supersededBy">The number of the run that superseded the message.</param>
    /// <param name="isOmitted">Whether its content was not read [5.3].</param>
    private static StoredMessage Read(SqliteStatement row, string conversationId, ContentPart[] text, TokenAmount? tokens, long? supersededBy, bool isOmitted)
    {
        var (key, role, format, time) = (row.Int64(0), row.Int64(2), row.Int64(3), row.Int64(5));
        var isRole = role is >= (long)MessageRole.System and <= (long)MessageRole.Tool;
        var isTime = RowValues.IsTime(time);
        var author = (row.Int64(Flags) & MessageRow.HasAuthor) != 0 ? row.Text(Author) : null;
        string? metadata = null;
        IReadOnlyList<ContentPart> parts = text;
        if (isOmitted)
            parts = [MessageContent.Omitted];
        else if (!isRole || !isTime || format is < 0 or > int.MaxValue || row.CheckedText(Content, ChecksumOfContent, MessageRow.Seed(key, role, format, time, author)) is not { } content)
            (parts, author) = ([MessageContent.Damaged], null);
        else if (format == (long)ContentFormat.Text)
            text[0] = new TextPart(content);
        else
            parts = MessageContent.Read((ContentFormat)format, content, out metadata);
        return new StoredMessage(isRole ? (MessageRole)role : MessageRole.Assistant, parts)
        {
            ConversationId = conversationId,
            Position = RowValues.Number(key),
            RunNumber = row.OptionalInt64(1),
            IsPartial = (row.Int64(Flags) & MessageRow.Partial) != 0,
            CreatedAt = isTime ? new DateTimeOffset(time, TimeSpan.Zero) : DateTimeOffset.MinValue,
            Tokens = tokens,
            AuthorName = author,
            Metadata = metadata,
            SupersededBy = supersededBy,
        };
    }
}
