namespace Conversations;

/// <summary>The usage of runs, in total and by group.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record UsageReport
{
    /// <summary>Creates a report.</summary>
    /// <param name="rows">A row for each group that has a run.</param>
    /// <param name="totals">The totals of all groups.</param>
    public UsageReport(IReadOnlyList<UsageRow> rows, UsageTotals totals)
    {
        ArgumentNullException.ThrowIfNull(rows);
        Rows = ReadOnly.Of(rows);
        Totals = totals;
    }

    /// <summary>Gets a row for each group that has a run, by day, then by agent, tenant, user and conversation, compared ordinally, then by kind and model; a group without the value comes first.</summary>
    public IReadOnlyList<UsageRow> Rows { get; init; }

    /// <summary>Gets the totals of all groups.</summary>
    public UsageTotals Totals { get; init; }
}

/// <summary>What the runs of one group used. What the report is not grouped by is <see langword="null"/>.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record UsageRow
{
    /// <summary>The conversation.</summary>
    public string? ConversationId { get; init; }

    /// <summary>The agent.</summary>
    public string? Agent { get; init; }

    /// <summary>The <c>tenant_id</c> of who asked, if the report is grouped by user; <see langword="null"/> also for callers without one.</summary>
    public string? TenantId { get; init; }

    /// <summary>The <c>user_id</c> of who asked; <see langword="null"/> also for callers without one, the host among them.</summary>
    public string? UserId { get; init; }

    /// <summary>The day on which the runs began, in <see cref="UsageQuery.TimeZone"/>.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>The kind of the runs.</summary>
    public RunKind? Kind { get; init; }

    /// <summary>The model; <see langword="null"/> also for runs that reported none. A run that used several is counted in the row of its last one, and the tokens and costs of each model in the row of that model.</summary>
    public string? Model { get; init; }

    /// <summary>What they used.</summary>
    public required UsageTotals Totals { get; init; }
}
