using Microsoft.Agents.AI;

namespace Conversations;

/// <summary>Extension methods that add conversations to agents of Microsoft Agent Framework.</summary>
public static class ConversationAgentExtensions
{
    /// <summary>Returns a history provider, for <see cref="ChatClientAgentOptions.ChatHistoryProvider"/>. It is the shortest way; <see cref="UseConversations(AIAgentBuilder, ConversationView, string, ConversationAgentOptions?)"/> sees more of a run.</summary>
    /// <param name="conversations">The view of one caller (<see cref="ConversationManager.ForIdentity"/>), or the manager, for which <see cref="ConversationAgentOptions.Identity"/> names the caller.</param>
    /// <param name="agent">The name of the agent in the options of the manager.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <returns>The provider.</returns>
    public static ConversationChatHistoryProvider AsChatHistoryProvider(this ConversationView conversations, string agent, ConversationAgentOptions? options = null) =>
        new(conversations, agent, options);

    /// <summary>Adds conversations to a pipeline: each run of the agents inside is a turn.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="conversations">The view of one caller (<see cref="ConversationManager.ForIdentity"/>), or the manager, for which <see cref="ConversationAgentOptions.Identity"/> names the caller.</param>
    /// <param name="agent">The name of the agent in the options of the manager.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <returns>The pipeline.</returns>
    public static AIAgentBuilder UseConversations(this AIAgentBuilder builder, ConversationView conversations, string agent, ConversationAgentOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var turns = new SessionTurns(conversations, agent, options);
        return builder.Use(innerAgent => new ConversationAgent(innerAgent, turns));
    }

    /// <summary>Adds conversations of the manager in the services of a pipeline (<see cref="AIAgentBuilder.Build"/>): each run of the agents inside is a turn.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="agent">The name of the agent in the options of the manager.</param>
    /// <param name="identityOf">Returns who calls, from the services of the pipeline and the session; the host must have authenticated the caller. It is called once for each run.</param>
    /// <param name="options">The other options; <see langword="null"/> for the defaults.</param>
    /// <returns>The pipeline. <see cref="AIAgentBuilder.Build"/> throws an <see cref="InvalidOperationException"/> if its services have no manager.</returns>
    public static AIAgentBuilder UseConversations(this AIAgentBuilder builder, string agent, Func<IServiceProvider, AgentSession, ConversationIdentity> identityOf, ConversationAgentOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(agent);
        ArgumentNullException.ThrowIfNull(identityOf);
        return builder.Use((innerAgent, services) =>
        {
            var manager = (ConversationManager?)services.GetService(typeof(ConversationManager))
                ?? throw new InvalidOperationException("ConversationManager is not registered. Call AddConversations on the services, and pass them to Build.");
            var own = new ConversationAgentOptions
            {
                Identity = session => identityOf(services, session),
                Thread = options?.Thread,
                OnBusy = options?.OnBusy,
                StoreContextMessages = options?.StoreContextMessages ?? false,
                Client = options?.Client,
            };
            return new ConversationAgent(innerAgent, new SessionTurns(manager, agent, own, isForManyCallers: true));
        });
    }

    /// <summary>Creates a session that continues a conversation, such as one of a list.</summary>
    /// <param name="agent">The agent with conversations.</param>
    /// <param name="conversationId">The id of the conversation. Runs throw a <see cref="ConversationNotFoundException"/> if their caller does not reach it.</param>
    /// <param name="cancellationToken">Cancels the creation of the session.</param>
    /// <returns>The session.</returns>
    public static async ValueTask<AgentSession> ForConversationAsync(this AIAgent agent, string conversationId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentException.ThrowIfNullOrWhiteSpace(conversationId);
        var session = await agent.CreateSessionAsync(cancellationToken).ConfigureAwait(false);
        SessionState.Set(session, new SessionState { ConversationId = conversationId });
        return session;
    }

    /// <summary>Returns the id of the conversation of a session.</summary>
    /// <param name="session">The session.</param>
    /// <returns>The id; <see langword="null"/> before the first run.</returns>
    public static string? GetConversationId(this AgentSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return SessionState.Of(session).ConversationId;
    }
}
