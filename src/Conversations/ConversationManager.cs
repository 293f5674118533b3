using Conversations.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Conversations;

/// <summary>The entry point of the library. <see cref="ForIdentity"/> returns a view limited to one caller; the manager itself is the view of the host and can access every conversation of the project.</summary>
/// <remarks>
/// <para>This type is thread-safe. Use one instance for each store and set of options. The manager does not dispose the store. Dispose the manager first: it ends the open turns. A service container disposes both in this order.</para>
/// <para>A turn that is called on the manager itself has no identity. If the agent is per user, the turn is not stored, and a warning is logged once for each agent. To store it, call the turn on
/// the view that <see cref="ForIdentity"/> returns, or set <see cref="TurnRequest.ConversationId"/> or <see cref="TurnRequest.Thread"/>. <see cref="AgentOptions.RequireIdentity"/> makes it an error.</para>
/// <para>To substitute this class in tests, derive from it, use the parameterless constructor, and override the members that are called.</para>
/// </remarks>
public class ConversationManager : ConversationView, IAsyncDisposable, IDisposable
{
    /// <summary>Initializes a new instance of the manager. With a service container, call <c>AddConversations</c> instead.</summary>
    /// <param name="store">The store of the conversations. The caller disposes it after the last use of the manager.</param>
    /// <param name="options">The project and its agents. The options are copied.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system clock. The store must use the same clock.</param>
    /// <param name="logger">The logger; <see langword="null"/> to log nothing. Message content is never logged.</param>
    /// <param name="agentOptions">Finds the agents that the options do not have; <see langword="null"/> if there are no others.</param>
    /// <exception cref="ArgumentException">The options are not valid. The exception message states the reason.</exception>
    public ConversationManager(
        IConversationStore store, ConversationOptions options, TimeProvider? timeProvider = null, ILogger<ConversationManager>? logger = null, IAgentOptionsProvider? agentOptions = null)
        : this(CreateServices(store, options, timeProvider, logger, agentOptions))
    {
    }

    private ConversationManager(ConversationServices services)
        : base(services, ConversationAccess.Host(services.Agents.Project), caller: null, ConversationGrants.None)
    {
    }

    /// <summary>Initializes a substitute for tests. It has no store: a member that is not overridden throws <see cref="NotSupportedException"/>.</summary>
    protected ConversationManager()
    {
    }

    /// <summary>Returns a view limited to one caller: the conversations that its identity owns, the shared conversations within its <c>PartitionBy</c> fields, and the threads that are granted or that a request names by their keys.</summary>
    /// <param name="identity">The identity of the caller. The host must have authenticated the caller.</param>
    /// <param name="grants">What the host grants to the view beyond that; <see langword="null"/> for nothing.</param>
    /// <returns>The view. It is cheap to create.</returns>
    public virtual ScopedConversations ForIdentity(ConversationIdentity identity, ConversationGrants? grants = null)
    {
        ArgumentNullException.ThrowIfNull(identity);
        grants ??= ConversationGrants.None;
        return new ScopedConversations(Services, Services.Agents.AccessOf(identity, grants), identity, grants);
    }

    /// <summary>Imports an existing conversation in one write, with its original roles, kinds and times. It becomes the current conversation of its scope if the scope has no active one.</summary>
    /// <param name="import">The conversation to import.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>The imported conversation.</returns>
    /// <exception cref="ArgumentException">The agent was not added or is stateless, a name or key is empty or ill-formed, or the metadata exceeds its limit.</exception>
    /// <exception cref="MessageTooLargeException">A message exceeds a limit of <see cref="ConversationOptions.Limits"/>. Nothing is written.</exception>
    /// <exception cref="IdentityRequiredException">The agent is per user, and the import has neither identity nor thread.</exception>
    public virtual async Task<Conversation> ImportAsync(ConversationImport import, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(import);
        var agent = await Services.Agents.GetAsync(import.Agent, nameof(import), cancellationToken).ConfigureAwait(false);
        var scope = RequestResolution.ScopeOf(Services.Agents, agent, import.Identity, import.Thread, import.Channel, nameof(import));
        var settings = agent.Turns;
        var now = Services.TimeProvider.GetUtcNow();
        var command = new CreateConversationCommand
        {
            ConversationId = ConversationIds.NewConversation(now),
            Scope = scope,
            Current = CurrentConversationRule.Keep,
            Title = import.Title ?? ConversationTitle.From(import.Messages),
            Metadata = MetadataSize.Checked(import.Metadata, Services.Agents.Limits, nameof(import)),
            CreatedAt = import.CreatedAt ?? (import.Messages is [{ CreatedAt: { } first }, ..] ? first : now),
            Messages = [.. import.Messages.Select(message => message with { CreatedAt = message.CreatedAt ?? now, Tokens = PromptCost.Count(settings.Limits.Counter, settings.Sizes.Checked(message)) })],
        };
        return await Services.Turns.Engine.CreateAsync(command, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until all summaries in progress are saved or abandoned, for example before the program exits. Summaries are created in the background after turns.</summary>
    /// <param name="cancellationToken">Cancels the wait, not the summaries.</param>
    /// <returns>A task that completes when no summary is in progress.</returns>
    public virtual Task WaitForSummariesAsync(CancellationToken cancellationToken = default) => Services.Turns.Summaries.WhenIdleAsync(cancellationToken);

    /// <summary>Ends the open turns. Further turns are refused (<see cref="ObjectDisposedException"/>; <see cref="OperationCanceledException"/> while a host stops). The token of each agent is cancelled (<see cref="ConversationTurn.Stopping"/>). Agents that end within
    /// <see cref="ConversationOptions.ShutdownTimeout"/> are recorded as they end; the runs of the others are recorded as cancelled, with the output so far. The conversations are free at once, also for other processes.
    /// Summaries in progress are awaited within the same time, and cancelled after it.</summary>
    /// <remarks>The store is not disposed, and can still be read. In a host, the manager closes when the host begins to stop.</remarks>
    /// <returns>A task that completes when all runs are recorded, or a few seconds after the timeout if the store does not respond.</returns>
    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync(isDisposed: true).ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the open turns as <see cref="DisposeAsync"/> does, and waits for it.</summary>
    public virtual void Dispose()
    {
        // The handle is not disposed, because another call may wait for it.
        ((IAsyncResult)CloseAsync(isDisposed: true)).AsyncWaitHandle.WaitOne();
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the manager once; further calls return the same task.</summary>
    internal Task CloseAsync(bool isDisposed) => IsSubstitute ? Task.CompletedTask : Services.CloseAsync(isDisposed);

    private static ConversationServices CreateServices(
        IConversationStore store, ConversationOptions options, TimeProvider? timeProvider, ILogger<ConversationManager>? logger, IAgentOptionsProvider? agentOptions)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);
        timeProvider ??= TimeProvider.System;
        var agents = new AgentCatalog(options, agentOptions, timeProvider);
        return new ConversationServices(
            store, agents, timeProvider, logger ?? NullLogger<ConversationManager>.Instance);
    }
}
