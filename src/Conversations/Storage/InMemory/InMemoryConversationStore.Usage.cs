using Conversations.Storage;

namespace Conversations;

/// <content>What runs used.</content>
public sealed partial class InMemoryConversationStore : IConversationUsageStore
{
    /// <inheritdoc/>
    /// <remarks>It looks at every run of the conversations that are meant.</remarks>
    public ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(UsageSumQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return RunAsync(query, static (store, query, token) => store.SumUsage(query, token), cancellationToken);
    }

    private IReadOnlyList<UsageSum> SumUsage(UsageSumQuery query, CancellationToken cancellationToken)
    {
        var sums = new UsageSums(query.Keys);
        foreach (var entry in _table.Find(query))
        {
            using (Enter(entry.Scope, cancellationToken))
                entry.AddUsage(sums, query);
        }

        return sums.Rows;
    }
}
