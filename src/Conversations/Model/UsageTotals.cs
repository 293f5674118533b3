namespace Conversations;

/// <summary>The total usage of several runs.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record UsageTotals
{
    /// <summary>Gets the totals of no runs.</summary>
    internal static UsageTotals None { get; } = new();

    /// <summary>Gets the number of runs of every kind and status, including failed, interrupted, superseded and running ones.</summary>
    public long Runs { get; init; }

    /// <summary>Gets the number of <see cref="Runs"/> whose tokens are unknown. The token totals do not include them.</summary>
    public long RunsWithoutUsage { get; init; }

    /// <summary>Gets the number of <see cref="Runs"/> whose cost is unknown. <see cref="Cost"/> does not include them.</summary>
    public long RunsWithoutCost { get; init; }

    /// <summary>Gets the number of input tokens, including cached and cache-written ones, as the provider counted them.</summary>
    public long InputTokens { get; init; }

    /// <summary>Gets the number of output tokens, including those of reasoning, as the provider counted them.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Gets the number of <see cref="InputTokens"/> that came from the provider's cache.</summary>
    public long CachedInputTokens { get; init; }

    /// <summary>Gets the number of <see cref="InputTokens"/> that were written to the provider's cache.</summary>
    public long CacheWriteInputTokens { get; init; }

    /// <summary>Gets the number of <see cref="OutputTokens"/> that models used for reasoning.</summary>
    public long ReasoningTokens { get; init; }

    /// <summary>Gets the cost of the runs, in the currency of the host.</summary>
    public decimal Cost { get; init; }

    /// <summary>Gets the number of prompt tokens, as the agents' counters counted them. Runs without a count are not included. See <see cref="ConversationRun.PromptTokens"/>.</summary>
    public long PromptTokens { get; init; }

    /// <summary>Gets the part of <see cref="PromptTokens"/> that history and summaries account for.</summary>
    public long HistoryTokens { get; init; }

    /// <summary>Gets the share of <see cref="PromptTokens"/> that history and summaries account for, from 0 to 1; <see langword="null"/> if no prompt was counted.</summary>
    public double? HistoryShare => PromptTokens > 0 ? (double)HistoryTokens / PromptTokens : null;

    /// <summary>Returns the usage of one run.</summary>
    /// <param name="run">The run.</param>
    /// <returns>The totals of the run.</returns>
    internal static UsageTotals Of(ConversationRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return (run.Usage is { } usage ? Of(usage) : None) with
        {
            Runs = 1,
            RunsWithoutUsage = run.Usage is null ? 1 : 0,
            RunsWithoutCost = run.Cost is null ? 1 : 0,
            Cost = run.Cost ?? 0,
            PromptTokens = run.PromptTokens ?? 0,
            HistoryTokens = run.HistoryTokens ?? 0,
        };
    }

    /// <summary>Returns tokens as totals of no run.</summary>
    internal static UsageTotals Of(TokenUsage usage) => new()
    {
        InputTokens = usage.InputTokens,
        OutputTokens = usage.OutputTokens,
        CachedInputTokens = usage.CachedInputTokens,
        CacheWriteInputTokens = usage.CacheWriteInputTokens,
        ReasoningTokens = usage.ReasoningTokens,
    };

    /// <summary>Adds other totals.</summary>
    /// <param name="other">The other totals.</param>
    /// <returns>The sums.</returns>
    /// <exception cref="OverflowException">A sum exceeds the range of its type.</exception>
    public UsageTotals Plus(UsageTotals other)
    {
        ArgumentNullException.ThrowIfNull(other);
        checked
        {
            return new UsageTotals
            {
                Runs = Runs + other.Runs,
                RunsWithoutUsage = RunsWithoutUsage + other.RunsWithoutUsage,
                RunsWithoutCost = RunsWithoutCost + other.RunsWithoutCost,
                InputTokens = InputTokens + other.InputTokens,
                OutputTokens = OutputTokens + other.OutputTokens,
                CachedInputTokens = CachedInputTokens + other.CachedInputTokens,
                CacheWriteInputTokens = CacheWriteInputTokens + other.CacheWriteInputTokens,
                ReasoningTokens = ReasoningTokens + other.ReasoningTokens,
                Cost = Cost + other.Cost,
                PromptTokens = PromptTokens + other.PromptTokens,
                HistoryTokens = HistoryTokens + other.HistoryTokens,
            };
        }
    }
}
