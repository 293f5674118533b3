using Conversations.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Conversations;

/// <summary>The door of the library: gives each caller a view of its own (<see cref="ForIdentity"/>), and is itself the host's own trusted view, which reaches every conversation of the project.</summary>
/// <remarks>Safe from any thread; one for each store and set of options is enough. It does not own the store. A turn through the manager itself has no identity:
/// it continues conversations by id, threads, and what shared agents share.</remarks>
public sealed class ConversationManager : ConversationView
{
    private readonly ConversationServices _services;

    /// <summary>Makes a manager. With a container, call <c>AddConversations</c> instead.</summary>
    /// <param name="store">Where conversations are kept. The caller disposes it after the manager's last use.</param>
    /// <param name="options">The project and its agents; copied.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system's. The same as the store's.</param>
    /// <param name="logger">The log; <see langword="null"/> for none. No content is logged.</param>
    /// <exception cref="ArgumentException">The options are not valid; the message says why.</exception>
    public ConversationManager(
        IConversationStore store, ConversationOptions options, TimeProvider? timeProvider = null, ILogger<ConversationManager>? logger = null)
        : this(Services(store, options, timeProvider, logger))
    {
    }

    private ConversationManager(ConversationServices services)
        : base(services, new ConversationAccess(services.Agents.Project, Audiences: null), caller: null) => _services = services;

    /// <summary>The view of one caller: what its identity owns, and the shared conversations within its <c>PartitionBy</c> fields; nothing else exists in it.</summary>
    /// <param name="identity">Who is speaking. The host has authenticated the caller.</param>
    /// <returns>The view; cheap to make.</returns>
    public ScopedConversations ForIdentity(ConversationIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return new ScopedConversations(_services, new ConversationAccess(_services.Agents.Project, _services.Agents.AudiencesOf(identity)), identity);
    }

    /// <summary>Brings in a conversation of the past, with roles, kinds and times as they were: all or nothing. It becomes the current one of its scope if that has no active one.</summary>
    /// <param name="import">The conversation.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>The conversation.</returns>
    /// <exception cref="ArgumentException">The agent was not added or is stateless, or a name or key is empty or ill-formed.</exception>
    /// <exception cref="IdentityRequiredException">The agent is per user, and the import has neither identity nor thread.</exception>
    public async Task<Conversation> ImportAsync(ConversationImport import, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(import);
        var scope = RequestResolution.ScopeOf(_services.Agents, import.Identity, import.Agent, import.Thread, import.Channel, nameof(import));
        var counter = _services.Agents.Get(import.Agent, nameof(import)).Turns.Limits.Counter;
        var now = _services.TimeProvider.GetUtcNow();
        var command = new CreateConversationCommand
        {
            ConversationId = ConversationIds.NewConversation(now),
            Scope = scope,
            Current = CurrentConversationRule.Keep,
            Title = import.Title ?? ConversationTitle.From(import.Messages),
            CreatedAt = import.CreatedAt ?? (import.Messages is [{ CreatedAt: { } first }, ..] ? first : now),
            Messages = [.. import.Messages.Select(message => message with
            {
                ConversationId = null,
                Position = 0,
                RunNumber = null,
                CreatedAt = message.CreatedAt ?? now,
                Tokens = PromptCost.Count(counter, message),
            })],
        };
        return await _services.Store.CreateConversationAsync(command, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until the summaries that are under way are saved or given up: before a program ends, say. They are made after turns, in the background.</summary>
    /// <param name="cancellationToken">Cancels the wait, not the summaries.</param>
    /// <returns>A task that ends when none is under way.</returns>
    public Task WaitForSummariesAsync(CancellationToken cancellationToken = default) => _services.Turns.Summaries.WhenIdleAsync(cancellationToken);

    private static ConversationServices Services(
        IConversationStore store, ConversationOptions options, TimeProvider? timeProvider, ILogger<ConversationManager>? logger)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);
        var agents = new AgentCatalog(options);
        if (agents.FirstWithSummaries is { } agent && store.GetFeature<IConversationSummaryStore>() is null)
            throw new ArgumentException($"Agent '{agent}' has a summarizer, but the store keeps no summaries.", nameof(options));
        return new ConversationServices(
            store, agents, timeProvider ?? TimeProvider.System, logger ?? NullLogger<ConversationManager>.Instance);
    }
}
