namespace Conversations.Storage;

/// <summary>The usage of the runs of one group. A member by which the runs are not grouped is <see langword="null"/>.</summary>
public sealed record UsageSum
{
    /// <summary>Gets the id of the conversation.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Gets the agent.</summary>
    public string? Agent { get; init; }

    /// <summary>Gets the caller, as in <see cref="ConversationRun.Caller"/>; <see langword="null"/> also for callers without identity.</summary>
    public string? Caller { get; init; }

    /// <summary>Gets the day on which the runs began, in <see cref="UsageQuery.TimeZone"/>.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>Gets the kind of the runs.</summary>
    public RunKind? Kind { get; init; }

    /// <summary>Gets the model; <see langword="null"/> also for runs without one.</summary>
    public string? Model { get; init; }

    /// <summary>Gets the sums of the runs.</summary>
    public required UsageTotals Totals { get; init; }
}
