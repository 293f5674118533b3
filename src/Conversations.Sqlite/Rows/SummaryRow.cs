namespace Conversations.Storage;

/// <summary>Reads and writes rows of summaries.</summary>
internal static class SummaryRow
{
    private const int ChecksumOfText = 5;
    private const int Text = 6;

    /// <summary>Reads the first summary that is not damaged. A damaged one is passed over, because summaries are made of messages, and can be made again.</summary>
    public static ConversationSummary? ReadFirst(SqliteStatement rows, string conversationId)
    {
        while (rows.Step())
        {
            if (Read(rows, conversationId) is { } summary)
                return summary;
        }

        return null;
    }

    public static void Write(SqliteSession session, long conversation, ConversationSummary summary)
    {
        using var row = session.Use(SqliteStatements.WriteSummary);
        var key = RowValues.Key(conversation, summary.Through);
        row.Bind(1, key);
        row.Bind(2, summary.MessageCount);
        row.Bind(3, summary.CreatedAt.UtcTicks);
        row.Bind(4, summary.Tokens?.Count);
        row.Bind(5, summary.Tokens?.Counter);
        row.Bind(Text + 1, summary.Text, ChecksumOfText + 1, Seed(key, summary.MessageCount, summary.CreatedAt.UtcTicks));
        row.Run();
    }

    /// <summary>Removes the summaries that end at a position or later [11.2].</summary>
    public static void DropFrom(SqliteSession session, long conversation, long position)
    {
        using var drop = session.Use(SqliteStatements.DropSummaries);
        drop.Bind(1, conversation);
        drop.Bind(2, RowValues.Bound(position));
        drop.Run();
    }

    private static ConversationSummary? Read(SqliteStatement row, string conversationId)
    {
        var (key, messages, time) = (row.Int64(0), row.Int64(1), row.Int64(2));
        return RowValues.IsTime(time) && row.CheckedText(Text, ChecksumOfText, Seed(key, messages, time)) is { } text
            ? new ConversationSummary
            {
                ConversationId = conversationId,
                Through = RowValues.Number(key),
                MessageCount = messages,
                CreatedAt = RowValues.Time(time),
                Tokens = RowValues.OptionalTokens(row, 3),
                Text = text,
            }
            : null;
    }

    private static long Seed(long key, long messages, long createdAt) => Checksum.Seed(Checksum.Seed(key, messages), createdAt);
}
