using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Converts token usage.</summary>
internal static class ChatUsage
{
    // The maximum that a run accepts.
    private const long Most = 1_000_000_000_000_000;

    public static UsageDetails? Of(TokenUsage? usage) => usage is null ? null : new UsageDetails
    {
        InputTokenCount = usage.InputTokens,
        OutputTokenCount = usage.OutputTokens,
        TotalTokenCount = usage.InputTokens + usage.OutputTokens,
        CachedInputTokenCount = usage.CachedInputTokens,
    };

    public static TokenUsage? Of(UsageDetails? usage) => usage is null or { InputTokenCount: null, OutputTokenCount: null } ? null : new TokenUsage
    {
        InputTokens = Within(usage.InputTokenCount),
        OutputTokens = Within(usage.OutputTokenCount),
        CachedInputTokens = Within(usage.CachedInputTokenCount),
    };

    /// <summary>Adds up what several responses report; <see langword="null"/> if none reports anything.</summary>
    public static TokenUsage? Of(IEnumerable<ChatResponse> responses) =>
        responses.Select(response => Of(response.Usage)).Aggregate((sum, next) => sum is null || next is null ? sum ?? next : new TokenUsage
        {
            InputTokens = Within(sum.InputTokens + next.InputTokens),
            OutputTokens = Within(sum.OutputTokens + next.OutputTokens),
            CachedInputTokens = Within(sum.CachedInputTokens + next.CachedInputTokens),
        });

    // A wrong number of a provider must not lose the answer.
    private static long Within(long? tokens) => Math.Clamp(tokens ?? 0, 0, Most);
}
