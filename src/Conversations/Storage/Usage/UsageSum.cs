namespace Conversations.Storage;

/// <summary>What the runs of one group used. A key that the runs are not grouped by is <see langword="null"/>.</summary>
public sealed record UsageSum
{
    /// <summary>The conversation.</summary>
    public string? ConversationId { get; init; }

    /// <summary>The agent.</summary>
    public string? Agent { get; init; }

    /// <summary>Who asked, as <see cref="ConversationRun.Caller"/>; <see langword="null"/> also for callers without identity.</summary>
    public string? Caller { get; init; }

    /// <summary>The day on which the runs began, in UTC.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>What they used.</summary>
    public required UsageTotals Totals { get; init; }
}
