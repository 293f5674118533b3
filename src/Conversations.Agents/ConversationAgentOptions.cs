using Microsoft.Agents.AI;

namespace Conversations;

/// <summary>Configures the conversations of an agent of Microsoft Agent Framework. The options are read when they are passed on; later changes have no effect.</summary>
/// <remarks>Not thread-safe. The functions are called once for each run, also at the same time.</remarks>
public sealed class ConversationAgentOptions
{
    /// <summary>Gets or sets who calls in a session, for an agent of a <see cref="ConversationManager"/>; <see langword="null"/> for the host, or for the identity of the view.
    /// The host must have authenticated the caller. Do not take the identity from a session that the caller can change.</summary>
    public Func<AgentSession, ConversationIdentity?>? Identity { get; set; }

    /// <summary>Gets or sets the thread key of a session: the host's key of the record, task or topic of its conversation, see <see cref="TurnRequest.Thread"/>; <see langword="null"/>, also as the result, for none.
    /// A session with a thread key continues the conversation of the thread; another one continues its own.</summary>
    public Func<AgentSession, string?>? Thread { get; set; }

    /// <summary>Gets or sets what a run does if another one is open in its conversation; <see langword="null"/> for the value of the agent's options.</summary>
    public BusyPolicy? OnBusy { get; set; }

    /// <summary>Gets or sets whether messages that an <see cref="AIContextProvider"/> adds are stored as input; the default is <see langword="false"/>: they go to the model, each time, and are not stored.
    /// They are stored only where they are known before the turn begins: not by <see cref="ConversationAgentExtensions.AsChatHistoryProvider"/>, unless the agent keeps its history for each call of the model.</summary>
    public bool StoreContextMessages { get; set; }

    /// <summary>Gets or sets how messages are stored and shown; <see langword="null"/> for the defaults.</summary>
    public ConversationChatClientOptions? Client { get; set; }
}
