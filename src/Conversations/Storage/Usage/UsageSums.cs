using System.Runtime.InteropServices;

namespace Conversations.Storage;

/// <summary>Adds up runs by group, for a store that reads them one by one [14.2, 14.3].</summary>
/// <remarks>Not thread-safe.</remarks>
/// <param name="query">How the runs are grouped. What it filters by is ignored.</param>
public sealed class UsageSums(UsageQuery query)
{
    private readonly Dictionary<Group, UsageTotals> _groups = [];

    /// <summary>Gets the sums of the runs that were added.</summary>
    public IReadOnlyList<UsageSum> Rows =>
        [.. _groups.Select(pair => new UsageSum
        {
            ConversationId = pair.Key.ConversationId,
            Agent = pair.Key.Agent,
            Caller = pair.Key.Caller,
            Day = pair.Key.Day,
            Kind = pair.Key.Kind,
            Model = pair.Key.Model,
            Totals = pair.Value,
        })];

    /// <summary>Adds a run.</summary>
    /// <param name="agent">The agent of its conversation.</param>
    /// <param name="run">The run. Its status, positions and key are ignored.</param>
    /// <exception cref="OverflowException">A sum exceeds the range of its type [14.3].</exception>
    public void Add(string agent, ConversationRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var group = new Group(
            Has(UsageGrouping.Conversation) ? run.ConversationId : null,
            Has(UsageGrouping.Agent) ? agent : null,
            Has(UsageGrouping.User) ? run.Caller : null,
            Has(UsageGrouping.Day) ? DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(run.StartedAt, query.TimeZone).DateTime) : null,
            Has(UsageGrouping.Kind) ? run.Kind : null,
            Has(UsageGrouping.Model) ? run.Model : null);
        if (!Has(UsageGrouping.Model) || run.UsageByModel.Count == 0)
        {
            Add(group, UsageTotals.Of(run));
            return;
        }

        // A reported cost is that of the whole run.
        var isReported = run.UsageByModel.Any(static used => used.Cost is null);
        Add(group, UsageTotals.Of(run with { Usage = run.Usage is null ? null : new TokenUsage(), Cost = isReported || run.Cost is null ? run.Cost : 0 }));
        foreach (var used in run.UsageByModel)
            Add(group with { Model = used.Model }, UsageTotals.Of(used.Usage) with { Cost = isReported || run.Cost is null ? 0 : used.Cost!.Value });
    }

    private void Add(Group group, UsageTotals added)
    {
        ref var totals = ref CollectionsMarshal.GetValueRefOrAddDefault(_groups, group, out _);
        totals = (totals ?? UsageTotals.None).Plus(added);
    }

    private bool Has(UsageGrouping key) => (query.GroupBy & key) == key;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Group(string? ConversationId, string? Agent, string? Caller, DateOnly? Day, RunKind? Kind, string? Model);
}
