using System.Runtime.InteropServices;

namespace Conversations.Storage;

/// <summary>Adds runs up, group by group, for a store that reads them one by one [21.3, 21.4].</summary>
/// <remarks>Not safe from several threads at once.</remarks>
/// <param name="keys">By what they are grouped.</param>
public sealed class UsageSums(UsageSumKeys keys)
{
    private readonly Dictionary<Group, UsageTotals> _groups = [];

    /// <summary>The sums so far.</summary>
    public IReadOnlyList<UsageSum> Rows =>
        [.. _groups.Select(pair => new UsageSum
        {
            ConversationId = pair.Key.ConversationId,
            Agent = pair.Key.Agent,
            Caller = pair.Key.Caller,
            Day = pair.Key.Day,
            Totals = pair.Value,
        })];

    /// <summary>Adds a run.</summary>
    /// <param name="agent">The agent of its conversation.</param>
    /// <param name="run">The run; its status, model, positions and key play no part.</param>
    /// <exception cref="OverflowException">A sum is more than its type can hold [21.5].</exception>
    public void Add(string agent, ConversationRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var group = new Group(
            Has(UsageSumKeys.Conversation) ? run.ConversationId : null,
            Has(UsageSumKeys.Agent) ? agent : null,
            Has(UsageSumKeys.Caller) ? run.Caller : null,
            Has(UsageSumKeys.Day) ? DateOnly.FromDateTime(run.StartedAt.UtcDateTime) : null);
        ref var totals = ref CollectionsMarshal.GetValueRefOrAddDefault(_groups, group, out _);
        totals = (totals ?? UsageTotals.None).Plus(UsageTotals.Of(run));
    }

    private bool Has(UsageSumKeys key) => (keys & key) == key;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Group(string? ConversationId, string? Agent, string? Caller, DateOnly? Day);
}
