using Conversations.Storage;

namespace Conversations;

/// <summary>Provides operations on a whole project: usage reports, feedback and the health of the store.</summary>
/// <remarks>This type is thread-safe. Use one instance for each store and set of options. It does not dispose the store. It is meant for the host: it can access every conversation of the project.
/// To substitute this class in tests, derive from it, use the parameterless constructor, and override the members that are called.</remarks>
public partial class ConversationMaintenance
{
    private readonly IConversationStore? _store;
    private readonly ConversationAccess? _access;
    private readonly TimeProvider _timeProvider;

    /// <summary>Initializes a new instance. With a service container, call <c>AddConversations</c> instead.</summary>
    /// <param name="store">The store of the conversations. The caller disposes it after the last use.</param>
    /// <param name="options">The project and its agents. The options are copied.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system clock. The store must use the same clock.</param>
    /// <exception cref="ArgumentException">The options are not valid. The exception message states the reason.</exception>
    public ConversationMaintenance(IConversationStore store, ConversationOptions options, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);
        _store = store;
        _timeProvider = timeProvider ?? TimeProvider.System;
        _access = ConversationAccess.Host(new AgentCatalog(options, provider: null, _timeProvider).Project);
    }

    /// <summary>Initializes a substitute for tests. It has no store: a member that is not overridden throws <see cref="NotSupportedException"/>.</summary>
    protected ConversationMaintenance() => _timeProvider = TimeProvider.System;

    private IConversationStore Store => _store ?? throw NotOverridden();

    private ConversationAccess Access => _access ?? throw NotOverridden();

    /// <summary>Returns the usage and cost of the runs of the project, including failed, interrupted and superseded ones. Deleted conversations are not included.</summary>
    /// <remarks>Use it for occasional reports: the store reads all its runs, or those of one conversation if the query specifies one. Turns do not wait for it.</remarks>
    /// <param name="query">The filter and the grouping; <see langword="null"/> for one row with all runs.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The report. It has no rows if no runs match.</returns>
    /// <exception cref="NotSupportedException">The store does not support usage reports.</exception>
    /// <exception cref="OverflowException">A sum exceeds the range of its type, because a run reported an invalid value.</exception>
    public virtual async Task<UsageReport> GetUsageAsync(UsageQuery? query = null, CancellationToken cancellationToken = default)
    {
        query ??= new UsageQuery();
        var sums = await Store.GetRequiredFeature<IConversationUsageStore>().SumUsageAsync(Access, query, cancellationToken).ConfigureAwait(false);
        return UsageRows.Report(sums);
    }

    private static NotSupportedException NotOverridden() => new("The instance was created as a substitute and has no store. Override the member, or use InMemoryConversationStore.");
}
