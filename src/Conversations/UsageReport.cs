namespace Conversations;

/// <summary>What runs used: all together, and group by group.</summary>
/// <remarks>Immutable, so safe from any thread.</remarks>
/// <param name="Rows">A row for each group that has a run, by day, then by agent, user and conversation, ordinally; what has none comes first.</param>
/// <param name="Totals">All of them together.</param>
public sealed record UsageReport(IReadOnlyList<UsageRow> Rows, UsageTotals Totals);

/// <summary>What the runs of one group used. What the report is not grouped by is <see langword="null"/>.</summary>
/// <remarks>Immutable, so safe from any thread.</remarks>
public sealed record UsageRow
{
    /// <summary>The conversation.</summary>
    public string? ConversationId { get; init; }

    /// <summary>The agent.</summary>
    public string? Agent { get; init; }

    /// <summary>The <c>user_id</c> of who asked; <see langword="null"/> also for callers without one, the host among them.</summary>
    public string? UserId { get; init; }

    /// <summary>The day on which the runs began, in UTC.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>What they used.</summary>
    public required UsageTotals Totals { get; init; }
}
