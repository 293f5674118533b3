using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>The conversations of the sessions of one agent: which one a run continues, and for whom.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class SessionTurns
{
    private readonly Func<AgentSession, ConversationIdentity?>? _identity;
    private readonly Func<AgentSession, string?>? _thread;
    private readonly BusyPolicy? _onBusy;
    private readonly bool _storesContext;
    private readonly bool _isForManyCallers;
    private readonly ConversationChatClientOptions? _client;
    private readonly ILogger<ConversationChatClient>? _logger;

    public SessionTurns(ConversationView conversations, string agent, ConversationAgentOptions? options, ILogger<ConversationChatClient>? logger = null, bool isForManyCallers = false)
    {
        ArgumentNullException.ThrowIfNull(conversations);
        ArgumentException.ThrowIfNullOrWhiteSpace(agent);
        Conversations = conversations;
        (_logger, _isForManyCallers) = (logger, isForManyCallers);
        Agent = agent;
        (_identity, _thread, _onBusy, _client) = (options?.Identity, options?.Thread, options?.OnBusy, options?.Client);
        _storesContext = options?.StoreContextMessages ?? false;
    }

    /// <summary>Gets the view of one caller, or the manager.</summary>
    public ConversationView Conversations { get; }

    /// <summary>Gets the name of the agent.</summary>
    public string Agent { get; }

    /// <summary>Returns a client that runs a request as a turn around a model.</summary>
    public ConversationChatClient ClientOf(IChatClient model) => new(model, Conversations, Agent, _client, _logger);

    /// <summary>Returns the view of an identity; that of these conversations without one.</summary>
    public ConversationView ViewOf(ConversationIdentity? identity) => Conversations is ConversationManager manager && identity is not null ? manager.ForIdentity(identity) : Conversations;

    /// <summary>Reads the messages of a run.</summary>
    /// <param name="session">The session.</param>
    /// <param name="messages">The messages, with those of context providers.</param>
    /// <param name="options">The options for the model.</param>
    /// <param name="cancellationToken">Cancels the wait for another run that creates the conversation.</param>
    /// <exception cref="IdentityRequiredException">The caller is not known.</exception>
    public async ValueTask<(AgentInput Input, ConversationChatOptions Options)> ReadAsync(AgentSession session, IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        var identity = _identity?.Invoke(session) ?? SessionState.IdentityOf(session);
        if (identity is null && _isForManyCallers)
            throw new IdentityRequiredException(Agent);

        var thread = _thread?.Invoke(session) ?? SessionState.Of(session).Thread;
        var conversationId = thread is null ? await ConversationIdOfAsync(session, identity, cancellationToken).ConfigureAwait(false) : null;
        var own = new ConversationChatOptions(options) { ConversationId = conversationId, Thread = thread, Identity = identity, OnBusy = _onBusy };
        return (AgentInput.Of(messages, conversationId ?? SessionState.Of(session).ConversationId, _storesContext), own);
    }

    /// <summary>Notes the conversation of a run, which a thread key alone does not tell.</summary>
    public static void Note(AgentSession session, string? conversationId)
    {
        if (conversationId is not null && SessionState.Of(session) is var state && !string.Equals(state.ConversationId, conversationId, StringComparison.Ordinal))
            SessionState.Set(session, state with { ConversationId = conversationId });
    }

    private async ValueTask<string> ConversationIdOfAsync(AgentSession session, ConversationIdentity? identity, CancellationToken cancellationToken)
    {
        if (SessionState.Of(session).ConversationId is { } known)
            return known;

        var first = SessionState.LockOf(session);
        await first.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (SessionState.Of(session).ConversationId is { } created)
                return created;

            var conversation = await ViewOf(identity).CreateAsync(Agent, cancellationToken: cancellationToken).ConfigureAwait(false);
            Note(session, conversation.Id);
            return conversation.Id;
        }
        finally
        {
            first.Release();
        }
    }
}
