namespace Conversations.Storage;

/// <summary>An optional feature of a store: it adds up the usage of runs [14].</summary>
/// <remarks>See <see cref="IConversationStore.GetFeature{T}"/>. Members are thread-safe and throw what members of <see cref="IConversationStore"/> throw. The feature is for reports:
/// a sum may read every run of the store, and must not make the writes of a turn more expensive.</remarks>
public interface IConversationUsageStore
{
    /// <summary>Adds up the usage of runs by group [14.2].</summary>
    /// <param name="access">What the caller can reach [8].</param>
    /// <param name="query">The runs and how they are grouped; without a grouping, all runs form one group. Text is compared ordinally [14.1].</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>A row for each group that has a run, in no order; empty if the query selects no run that is in reach [14.2].</returns>
    /// <exception cref="OverflowException">A sum exceeds the range of its type [14.3].</exception>
    ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(ConversationAccess access, UsageQuery query, CancellationToken cancellationToken = default);
}
