using System.Globalization;

namespace Conversations.Storage;

/// <summary>Makes objects of rows. The columns are those of the selects in <see cref="SqliteStatements"/>.</summary>
internal static class SqliteRows
{
    public static Conversation ReadConversation(SqliteStatement row) => new()
    {
        Id = row.Text(0),
        SessionId = row.Text(1),
        Project = row.Text(2),
        Agent = row.Text(3),
        Channel = row.OptionalText(4),
        UserId = row.OptionalText(5),
        Thread = row.OptionalText(6),
        Title = row.OptionalText(7),
        Status = Defined((ConversationStatus)row.Int64(8)),
        MessageCount = row.Int64(9),
        LastPosition = row.Int64(10),
        CreatedAt = Time(row.Int64(11)),
        LastActivityAt = Time(row.Int64(12)),
        LastMessageAt = OptionalTime(row.OptionalInt64(13)),
        EndedAt = OptionalTime(row.OptionalInt64(14)),
        ForkedFrom = row.OptionalText(15),
    };

    /// <summary>Reads what a message costs, which is there before its content.</summary>
    public static TokenAmount? ReadMessageTokens(SqliteStatement row) => ReadTokens(row, 6);

    /// <summary>Reads a message that is current.</summary>
    public static ConversationMessage ReadMessage(SqliteStatement row, string conversationId, TokenAmount? tokens)
    {
        var (role, time, parts) = ReadSaid(role: row.Int64(2), format: row.Int64(3), time: row.Int64(5), row.Text(8), out var metadata);
        return new ConversationMessage(role, parts)
        {
            ConversationId = conversationId,
            Position = row.Int64(0),
            RunNumber = row.OptionalInt64(1),
            IsPartial = (row.Int64(4) & MessageRow.Partial) != 0,
            CreatedAt = time,
            Tokens = tokens,
            Metadata = metadata,
        };
    }

    /// <summary>Reads which run superseded a message, which is there behind its content.</summary>
    public static long? ReadMessageSupersededBy(SqliteStatement row) => row.OptionalInt64(9);

    public static StreamSegment ReadSegment(SqliteStatement row)
    {
        var (role, time, parts) = ReadSaid(role: row.Int64(3), format: row.Int64(4), time: row.Int64(5), row.Text(6), out var metadata);
        return new StreamSegment((int)row.Int64(0), row.Int64(1), new ConversationMessage(role, parts) { Position = row.Int64(2), CreatedAt = time, Metadata = metadata });
    }

    public static ConversationSummary ReadSummary(SqliteStatement row, string conversationId) => new()
    {
        ConversationId = conversationId,
        Through = row.Int64(0),
        CreatedAt = Time(row.Int64(1)),
        Tokens = ReadTokens(row, 2),
        Text = row.Text(4),
        MessageCount = row.Int64(5),
    };

    public static ConversationRun ReadRun(SqliteStatement row) => new()
    {
        ConversationId = row.Text(0),
        Number = row.Int64(1),
        Status = row.IsNull(17) ? Defined((RunStatus)row.Int64(2)) : RunStatus.Superseded,
        Outcome = Defined((RunStatus)row.Int64(2)),
        SupersededBy = row.OptionalInt64(17),
        Caller = row.Text(3) is { Length: > 0 } caller ? caller : null,
        Model = row.OptionalText(4),
        Usage = ReadUsage(row, 5),
        Error = row.OptionalText(8),
        IdempotencyKey = row.OptionalText(9),
        InputPosition = row.Int64(10),
        InputCount = (int)row.Int64(11),
        OutputPosition = row.Int64(12),
        OutputCount = (int)row.Int64(13),
        StartedAt = Time(row.Int64(14)),
        EndedAt = OptionalTime(row.OptionalInt64(15)),
        Cost = OptionalDecimal(row.OptionalText(16)),
        PromptTokens = row.OptionalInt64(18),
        HistoryTokens = row.OptionalInt64(19),
        FinishReason = row.OptionalText(20),
    };

    /// <summary>Reads the tokens that a run used, from a column on.</summary>
    public static TokenUsage? ReadUsage(SqliteStatement row, int first) => row.IsNull(first)
        ? null
        : new TokenUsage { InputTokens = row.Int64(first), OutputTokens = row.Int64(first + 1), CachedInputTokens = row.Int64(first + 2) };

    /// <summary>Reads what decides on a lease, from a column on; <see langword="null"/> if the join found no conversation.</summary>
    public static LeaseState? ReadLeaseState(SqliteStatement row, int first) => row.IsNull(first)
        ? null
        : new LeaseState(
            row.Int64(first),
            row.Text(first + 1),
            Defined((ConversationStatus)row.Int64(first + 2)),
            row.Int64(first + 3),
            row.Int64(first + 4),
            row.Int64(first + 5),
            row.Int64(first + 6));

    public static KeyedRun? ReadKeyedRun(SqliteStatement row) => ReadLeaseState(row, 5) is { } conversation
        ? new KeyedRun(row.Int64(0), Defined((RunStatus)row.Int64(1)), row.OptionalText(2), new MessageSpan(row.Int64(3), (int)row.Int64(4)), conversation)
        : null;

    public static DateTimeOffset Time(long ticks) =>
        IsTime(ticks) ? new(ticks, TimeSpan.Zero) : throw Damaged();

    public static decimal? OptionalDecimal(string? text) =>
        text is null ? null : decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw Damaged();

    /// <summary>Reads what was said, by whom and when. Damage of any of it spoils no other message [10.1].</summary>
    private static (MessageRole Role, DateTimeOffset Time, IReadOnlyList<ContentPart> Parts) ReadSaid(long role, long format, long time, string content, out string? metadata)
    {
        var (isRole, isTime) = (IsRole(role), IsTime(time));
        metadata = null;
        var parts = isRole && isTime && format is >= 0 and <= int.MaxValue ? MessageContent.Read((ContentFormat)format, content, out metadata) : [MessageContent.Damaged];
        return (isRole ? (MessageRole)role : MessageRole.Assistant, isTime ? new DateTimeOffset(time, TimeSpan.Zero) : DateTimeOffset.MinValue, parts);
    }

    /// <summary>Reads a count of tokens. One that cannot be is none: it is counted again.</summary>
    private static TokenAmount? ReadTokens(SqliteStatement row, int first) =>
        row.OptionalInt64(first) is >= 0 and <= int.MaxValue and var count ? new TokenAmount((int)count, row.Name(first + 1)) : null;

    private static bool IsRole(long role) => role is >= (long)MessageRole.System and <= (long)MessageRole.Tool;

    private static bool IsTime(long ticks) => ticks >= 0 && ticks <= DateTimeOffset.MaxValue.Ticks;

    private static DateTimeOffset? OptionalTime(long? ticks) => ticks is { } value ? Time(value) : null;

    private static T Defined<T>(T value)
        where T : struct, Enum => Enum.IsDefined(value) ? value : throw Damaged();

    private static ConversationStoreException Damaged() =>
        new(ConversationErrorCodes.StoreCorrupt, "A row holds a value that the library never writes.");
}
