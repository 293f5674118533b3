using System.Globalization;

namespace Conversations.Storage;

/// <summary>Converts values of rows. A value that the library never writes counts as damage.</summary>
internal static class RowValues
{
    // Greater than every position and run number.
    private const long Limit = 1L << 32;

    /// <summary>Limits a bound to the lower half of a key: greater keys belong to another conversation.</summary>
    public static long Bound(long number) => Math.Clamp(number, 0, Limit);

    /// <summary>Gets whether a position or a run number fits into the lower half of a key.</summary>
    public static bool IsNumber(long number) => number is > 0 and < Limit;

    /// <summary>Creates the key of a row that has a number within a conversation.</summary>
    public static long Key(long conversation, long number) =>
        IsNumber(number) ? (conversation << 32) + number : throw new ArgumentOutOfRangeException(nameof(number), "A position or a run number is out of range.");

    /// <summary>Gets the number within a conversation from the key of a row.</summary>
    public static long Number(long key) => key & (Limit - 1);

    public static bool IsTime(long ticks) => ticks >= 0 && ticks <= DateTimeOffset.MaxValue.Ticks;

    public static DateTimeOffset Time(long ticks) => IsTime(ticks) ? new(ticks, TimeSpan.Zero) : throw Damaged();

    public static DateTimeOffset? OptionalTime(long? ticks) => ticks is { } value ? Time(value) : null;

    public static decimal? OptionalDecimal(string? text) =>
        text is null ? null : decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw Damaged();

    public static TokenUsage? OptionalUsage(SqliteStatement row, int first, int others) => row.IsNull(first) ? null : new TokenUsage
    {
        InputTokens = row.Int64(first),
        OutputTokens = row.Int64(first + 1),
        CachedInputTokens = row.Int64(first + 2),
        CacheWriteInputTokens = row.Int64(others),
        ReasoningTokens = row.Int64(others + 1),
    };

    /// <summary>Reads a token count. An impossible count is read as none, so that the message is counted again.</summary>
    public static TokenAmount? OptionalTokens(SqliteStatement row, int first) =>
        row.OptionalInt64(first) is >= 0 and <= int.MaxValue and var count ? new TokenAmount((int)count, row.Name(first + 1)) : null;

    public static T Defined<T>(T value)
        where T : struct, Enum => Enum.IsDefined(value) ? value : throw Damaged();

    public static ConversationStoreException Damaged(Exception? exception = null) =>
        new(ConversationErrorCodes.StoreCorrupt, "The database is damaged: a row contains a value that the library never writes. Restore a backup.", exception);
}
