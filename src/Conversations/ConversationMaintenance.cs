using Conversations.Storage;

namespace Conversations;

/// <summary>What a host does with its project as a whole, beside the turns: reports of usage, and how the store is.</summary>
/// <remarks>Safe from any thread; one for each store and set of options is enough. It does not own the store. It is the host's own: it reaches every conversation of the project.</remarks>
public sealed partial class ConversationMaintenance
{
    private readonly IConversationStore _store;
    private readonly ConversationAccess _access;
    private readonly TimeProvider _timeProvider;

    /// <summary>Makes one. With a container, call <c>AddConversations</c> instead.</summary>
    /// <param name="store">Where conversations are kept. The caller disposes it after the last use.</param>
    /// <param name="options">The project and its agents; copied.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system's. The same as the store's.</param>
    /// <exception cref="ArgumentException">The options are not valid; the message says why.</exception>
    public ConversationMaintenance(IConversationStore store, ConversationOptions options, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);
        _store = store;
        _timeProvider = timeProvider ?? TimeProvider.System;
        _access = new ConversationAccess(new AgentCatalog(options).Project, Audiences: null);
    }

    /// <summary>Adds up what the runs of the project used and cost: all of them, failed, interrupted and superseded ones too. What was deleted is not among them.</summary>
    /// <remarks>For reports, now and then: the store looks at every run that it has, or at those of one conversation if one is named. Turns do not wait for it.</remarks>
    /// <param name="query">Whose, and how it is grouped; <see langword="null"/> for all in one row.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The report; without rows if there are no such runs.</returns>
    /// <exception cref="NotSupportedException">The store does not add up usage.</exception>
    /// <exception cref="OverflowException">A sum is more than its type can hold, which takes a run that says what cannot be.</exception>
    public async Task<UsageReport> GetUsageAsync(UsageQuery? query = null, CancellationToken cancellationToken = default)
    {
        query ??= new UsageQuery();
        var sums = await Feature<IConversationUsageStore>().SumUsageAsync(
            new UsageSumQuery
            {
                Access = _access,
                ConversationId = query.ConversationId,
                Agent = query.Agent,
                StartedFrom = query.StartedFrom,
                StartedBefore = query.StartedBefore,
                Keys = UsageRows.KeysOf(query.GroupBy),
            },
            cancellationToken).ConfigureAwait(false);
        return UsageRows.Report(sums);
    }

    private T Feature<T>()
        where T : class => _store.GetFeature<T>() ?? throw new NotSupportedException($"The store, a {_store.GetType().Name}, has no {typeof(T).Name}.");
}
