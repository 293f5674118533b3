using Microsoft.Agents.AI;

namespace Conversations;

/// <summary>Extension methods that add conversations to agents of Microsoft Agent Framework.</summary>
public static class ConversationAgentExtensions
{
    /// <summary>Returns a history provider, for <see cref="ChatClientAgentOptions.ChatHistoryProvider"/>. It is the shortest way; <see cref="ConversationsAIAgentBuilderExtensions.UseConversations(AIAgentBuilder, ConversationView, string, ConversationAgentOptions?)"/> sees more of a run.</summary>
    /// <param name="conversations">The view of one caller (<see cref="ConversationManager.ForIdentity"/>), or the manager, for which <see cref="ConversationAgentOptions.Identity"/> names the caller.</param>
    /// <param name="agent">The name of the agent in the options of the manager.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <returns>The provider.</returns>
    public static ConversationChatHistoryProvider AsChatHistoryProvider(this ConversationView conversations, string agent, ConversationAgentOptions? options = null) =>
        new(conversations, agent, options);

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
