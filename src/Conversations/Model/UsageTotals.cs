namespace Conversations;

/// <summary>What a number of runs used together.</summary>
/// <remarks>Immutable, so safe from any thread.</remarks>
public sealed record UsageTotals
{
    /// <summary>Those of no run at all.</summary>
    public static UsageTotals None { get; } = new();

    /// <summary>How many runs these are, whatever became of them: failed, interrupted and superseded ones, and those that are running.</summary>
    public long Runs { get; init; }

    /// <summary>Those of <see cref="Runs"/> whose tokens are not known, so that the sums of tokens are without them.</summary>
    public long RunsWithoutUsage { get; init; }

    /// <summary>Those of <see cref="Runs"/> whose cost is not known, so that <see cref="Cost"/> is without them.</summary>
    public long RunsWithoutCost { get; init; }

    /// <summary>Tokens read by the model, cached ones included, as the provider counted them.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens written by the model, as the provider counted them.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Those of <see cref="InputTokens"/> that came from the provider's cache.</summary>
    public long CachedInputTokens { get; init; }

    /// <summary>What the runs cost, in the currency that the host reckons in.</summary>
    public decimal Cost { get; init; }

    /// <summary>What the prompts cost, as the agents' counters counted them; without the runs of which that is not known. See <see cref="ConversationRun.PromptTokens"/>.</summary>
    public long PromptTokens { get; init; }

    /// <summary>How much of <see cref="PromptTokens"/> was history and summaries.</summary>
    public long HistoryTokens { get; init; }

    /// <summary>Which share of <see cref="PromptTokens"/> was history and summaries, from 0 to 1; <see langword="null"/> if no prompt was counted.</summary>
    public double? HistoryShare => PromptTokens > 0 ? (double)HistoryTokens / PromptTokens : null;

    /// <summary>What one run used.</summary>
    /// <param name="run">The run.</param>
    /// <returns>The totals of this run alone.</returns>
    public static UsageTotals Of(ConversationRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new UsageTotals
        {
            Runs = 1,
            RunsWithoutUsage = run.Usage is null ? 1 : 0,
            RunsWithoutCost = run.Cost is null ? 1 : 0,
            InputTokens = run.Usage?.InputTokens ?? 0,
            OutputTokens = run.Usage?.OutputTokens ?? 0,
            CachedInputTokens = run.Usage?.CachedInputTokens ?? 0,
            Cost = run.Cost ?? 0,
            PromptTokens = run.PromptTokens ?? 0,
            HistoryTokens = run.HistoryTokens ?? 0,
        };
    }

    /// <summary>These and others together.</summary>
    /// <param name="other">The others.</param>
    /// <returns>The sums.</returns>
    /// <exception cref="OverflowException">A sum is more than its type can hold.</exception>
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
                Cost = Cost + other.Cost,
                PromptTokens = PromptTokens + other.PromptTokens,
                HistoryTokens = HistoryTokens + other.HistoryTokens,
            };
        }
    }
}
