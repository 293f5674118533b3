using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Converts token usage.</summary>
internal static class ChatUsage
{
    // The maximum that a run accepts.
    private const long Most = 1_000_000_000_000_000;

    // Microsoft.Extensions.AI has no name for the tokens that a cache wrote: the first is that of the client for Anthropic, the other that for Amazon Bedrock.
    private static readonly string[] CacheWrites = ["CacheCreationInputTokens", "CacheWriteInputTokens"];

    public static UsageDetails? Of(TokenUsage? usage) => usage is null ? null : new UsageDetails
    {
        InputTokenCount = usage.InputTokens,
        OutputTokenCount = usage.OutputTokens,
        TotalTokenCount = usage.InputTokens + usage.OutputTokens,
        CachedInputTokenCount = usage.CachedInputTokens,
        ReasoningTokenCount = usage.ReasoningTokens,
        AdditionalCounts = usage.CacheWriteInputTokens == 0 ? null : new() { [CacheWrites[0]] = usage.CacheWriteInputTokens },
    };

    public static TokenUsage? Of(UsageDetails? usage)
    {
        if (usage is null or { InputTokenCount: null, OutputTokenCount: null })
            return null;

        var (cached, written) = (Within(usage.CachedInputTokenCount), Within(CacheWritesOf(usage)));
        var input = Within(usage.InputTokenCount);
        return new TokenUsage
        {
            // Some clients report what the cache read and wrote beside the input.
            InputTokens = cached + written > input ? Within(input + cached + written) : input,
            OutputTokens = Within(usage.OutputTokenCount),
            CachedInputTokens = cached,
            CacheWriteInputTokens = written,
            ReasoningTokens = Within(usage.ReasoningTokenCount),
        };
    }

    /// <summary>Adds up what several responses report; <see langword="null"/> if none reports anything.</summary>
    public static TokenUsage? Of(IEnumerable<ChatResponse> responses) =>
        responses.Select(response => Of(response.Usage)).Aggregate((sum, next) => sum is null || next is null ? sum ?? next : Within(sum.Plus(next)));

    /// <summary>Limits usage to what a run accepts.</summary>
    public static TokenUsage Within(TokenUsage usage) => new()
    {
        InputTokens = Within(usage.InputTokens),
        OutputTokens = Within(usage.OutputTokens),
        CachedInputTokens = Within(usage.CachedInputTokens),
        CacheWriteInputTokens = Within(usage.CacheWriteInputTokens),
        ReasoningTokens = Within(usage.ReasoningTokens),
    };

    private static long? CacheWritesOf(UsageDetails usage)
    {
        foreach (var name in CacheWrites)
        {
            if (usage.AdditionalCounts?.TryGetValue(name, out var written) == true)
                return written;
        }

        return null;
    }

    // A wrong number of a provider must not lose the answer.
    private static long Within(long? tokens) => Math.Clamp(tokens ?? 0, 0, Most);
}
