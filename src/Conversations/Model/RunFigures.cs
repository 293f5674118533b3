namespace Conversations;

/// <summary>Checks what an agent or a summarizer reports for its run.</summary>
internal static class RunFigures
{
    // More than any run can use, and small enough that sums never overflow.
    private const long Most = 1_000_000_000_000_000;

    /// <summary>Returns a name; null if it is blank.</summary>
    /// <exception cref="ArgumentException">It is too long.</exception>
    public static string? Name(string? value, string parameter) => string.IsNullOrWhiteSpace(value) ? null : WellFormed.Name(value, parameter);

    /// <summary>Returns the usage if each number is possible.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative or too large.</exception>
    public static TokenUsage? Usage(TokenUsage? value, string parameter) =>
        value is null || (IsPossible(value.InputTokens) && IsPossible(value.OutputTokens) && IsPossible(value.CachedInputTokens) && IsPossible(value.CacheWriteInputTokens) && IsPossible(value.ReasoningTokens))
            ? value
            : throw new ArgumentOutOfRangeException(parameter, "A number of tokens is negative or more than a quadrillion. Set values from 0 to 1,000,000,000,000,000.");

    /// <summary>Returns a sum of usages; at most what is possible, so that a wrong number of a provider does not lose an answer.</summary>
    public static TokenUsage Sum(TokenUsage one, TokenUsage other)
    {
        var sum = one.Plus(other);
        return new TokenUsage
        {
            InputTokens = Math.Min(sum.InputTokens, Most),
            OutputTokens = Math.Min(sum.OutputTokens, Most),
            CachedInputTokens = Math.Min(sum.CachedInputTokens, Most),
            CacheWriteInputTokens = Math.Min(sum.CacheWriteInputTokens, Most),
            ReasoningTokens = Math.Min(sum.ReasoningTokens, Most),
        };
    }

    /// <summary>Returns the cost if it is possible.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or too large.</exception>
    public static decimal? Cost(decimal? value, string parameter) =>
        value is null or (>= 0 and <= Most)
            ? value
            : throw new ArgumentOutOfRangeException(parameter, value, "The cost is negative or more than a quadrillion. Set a value from 0 to 1,000,000,000,000,000.");

    private static bool IsPossible(long tokens) => tokens is >= 0 and <= Most;
}
