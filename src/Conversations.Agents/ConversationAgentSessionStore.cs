using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Agents.AI;

namespace Conversations;

/// <summary>A session store in which a session is its conversation: nothing else is stored. The id and the partitions of a session are the thread key of its conversation, and the partitions are the identity of its caller.</summary>
/// <remarks>
/// <para>For agents with conversations: those of <see cref="ConversationsAIAgentBuilderExtensions.UseConversations(AIAgentBuilder, ConversationView, string, ConversationAgentOptions?)"/> or <see cref="ConversationAgentExtensions.AsChatHistoryProvider"/>.
/// The conversation begins with the first run of a session. <see cref="ConversationAgentOptions.Identity"/> takes precedence over the partitions; without partitions, the caller is that of the agent's view.
/// The host must have authenticated what the partitions state.</para>
/// <para>Thread-safe, and stateless: each lookup returns a session of its own.</para>
/// </remarks>
[Experimental("MAAI001")] // As the type that it implements.
public sealed class ConversationAgentSessionStore : AgentSessionStore
{
    /// <summary>Checks that a session has nothing to store beside its conversation, which its runs have stored.</summary>
    /// <param name="agent">The agent with conversations.</param>
    /// <param name="key">The key of the session.</param>
    /// <param name="session">The session, from this store or a new one that has not run yet.</param>
    /// <param name="cancellationToken">Has no effect.</param>
    /// <returns>A completed task.</returns>
    /// <exception cref="ArgumentException">The agent has no conversations.</exception>
    /// <exception cref="InvalidOperationException">The session has state that would be lost, such as that of a context provider, or belongs to another key.</exception>
    public override ValueTask SaveSessionAsync(AIAgent agent, AgentSessionStoreKey key, AgentSession session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(session);
        _ = TurnsOf(agent);
        var state = SessionState.Of(session);
        if (state.Thread is null && state.ConversationId is not null || state.Thread is { } thread && !string.Equals(thread, ThreadOf(key), StringComparison.Ordinal))
            throw new InvalidOperationException("The session belongs to another conversation than that of the key. Get sessions from GetOrCreateSessionAsync of this store.");
        if (session.StateBag.Serialize().EnumerateObject().Any(static property => !string.Equals(property.Name, SessionState.Key, StringComparison.Ordinal)))
            throw new InvalidOperationException("The session has state beside its conversation, which this store does not keep. Remove it, or serialize the session with a store of your own.");
        return ValueTask.CompletedTask;
    }

    /// <summary>Finds the conversation of a session.</summary>
    /// <param name="agent">The agent with conversations.</param>
    /// <param name="key">The key of the session.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>A session that continues the conversation; <see langword="null"/> if the session has not run yet, or its conversation has ended or was deleted.</returns>
    /// <exception cref="ArgumentException">The agent has no conversations, or the key is too long for a thread key.</exception>
    public override async ValueTask<AgentSession?> GetSessionAsync(AIAgent agent, AgentSessionStoreKey key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        var turns = TurnsOf(agent);
        var conversation = await turns.ViewOf(IdentityOf(key)).GetCurrentAsync(turns.Agent, ThreadOf(key), cancellationToken: cancellationToken).ConfigureAwait(false);
        return conversation is null ? null : await SessionAsync(agent, key, conversation.Id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finds the conversation of a session, or creates a session whose first run begins it.</summary>
    /// <param name="agent">The agent with conversations.</param>
    /// <param name="key">The key of the session.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The session.</returns>
    /// <exception cref="ArgumentException">The agent has no conversations, or the key is too long for a thread key.</exception>
    public override async ValueTask<AgentSession> GetOrCreateSessionAsync(AIAgent agent, AgentSessionStoreKey key, CancellationToken cancellationToken = default) =>
        await GetSessionAsync(agent, key, cancellationToken).ConfigureAwait(false) ?? await SessionAsync(agent, key, conversationId: null, cancellationToken).ConfigureAwait(false);

    /// <summary>Deletes the conversation of a session, if there is one.</summary>
    /// <param name="agent">The agent with conversations.</param>
    /// <param name="key">The key of the session.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>A task that completes when it is deleted.</returns>
    /// <exception cref="DeletionForbiddenException">The agent has the view of one caller, whose grant does not include the deletion of what is shared. Give it the manager.</exception>
    public override async ValueTask DeleteSessionAsync(AIAgent agent, AgentSessionStoreKey key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        var turns = TurnsOf(agent);
        var conversation = await turns.ViewOf(IdentityOf(key)).GetCurrentAsync(turns.Agent, ThreadOf(key), cancellationToken: cancellationToken).ConfigureAwait(false);
        if (conversation is not null)
            await turns.Conversations.DeleteAsync(conversation.Id, cancellationToken).ConfigureAwait(false);
    }

    private static SessionTurns TurnsOf(AIAgent agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return agent.GetService<SessionTurns>() ?? throw new ArgumentException("The agent has no conversations. Add them with UseConversations or AsChatHistoryProvider.", nameof(agent));
    }

    private static async ValueTask<AgentSession> SessionAsync(AIAgent agent, AgentSessionStoreKey key, string? conversationId, CancellationToken cancellationToken)
    {
        var session = await agent.CreateSessionAsync(cancellationToken).ConfigureAwait(false);
        SessionState.Set(session, new SessionState { Thread = ThreadOf(key), ConversationId = conversationId });
        if (IdentityOf(key) is { } identity)
            SessionState.SetIdentity(session, identity);
        return session;
    }

    private static ConversationIdentity? IdentityOf(AgentSessionStoreKey key) => key.Partitions is { Count: > 0 } partitions ? ConversationIdentity.FromFields(partitions) : null;

    /// <summary>Returns the thread key: a session with other partitions is another one, whatever their texts contain.</summary>
    private static string ThreadOf(AgentSessionStoreKey key)
    {
        var thread = new StringBuilder("session/").Append(Uri.EscapeDataString(key.SessionId));
        foreach (var (name, value) in (key.Partitions ?? new Dictionary<string, string>(StringComparer.Ordinal)).OrderBy(static partition => partition.Key, StringComparer.Ordinal))
            thread.Append('&').Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
        return thread.ToString();
    }
}
