namespace Conversations.Storage;

/// <summary>What a store may have beyond the core: it adds up what runs used [21].</summary>
/// <remarks>Found by <see cref="IConversationStore.GetFeature{T}"/>. What holds for the members of a store holds for these. It is for reports, not for turns:
/// it may look at every run of the store, and nothing that a turn writes may cost more for it.</remarks>
public interface IConversationUsageStore
{
    /// <summary>Adds up what runs used, group by group [21.1].</summary>
    /// <param name="query">Which runs, and how they are grouped.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>A row for each group that has a run, in no order; empty if no run is meant and in reach [21.3].</returns>
    /// <exception cref="OverflowException">A sum is more than its type can hold [21.5].</exception>
    ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(UsageSumQuery query, CancellationToken cancellationToken = default);
}
