using Conversations.Storage;

namespace Conversations;

/// <content>What runs used.</content>
public sealed partial class SqliteConversationStore : IConversationUsageStore
{
    /// <inheritdoc/>
    /// <remarks>It reads through all runs of the database, or those of the one conversation that is asked for, on one of the connections that read; turns do not wait for it.</remarks>
    public ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(UsageSumQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return ReadAsync(SqliteUsage.Sum, (query, cancellationToken), cancellationToken);
    }
}
