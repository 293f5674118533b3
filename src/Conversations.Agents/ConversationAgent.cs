using System.Runtime.CompilerServices;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>An agent that stores conversations. Each run is a turn: the agent locks the conversation of the session, gives the inner agent the part of its history that fits, and stores the answer.</summary>
/// <remarks>
/// <para>A session is a conversation: a new session begins one with its first run, and the serialized session contains its id. A run without a session begins a conversation of its own.</para>
/// <para>Streams are saved while they run, can be followed and stopped (<see cref="ConversationView.StopAsync"/>), and are stored to their end if the reader leaves. A run that fails or is cancelled keeps its input, and its output so far is marked partial.
/// Usage and model are recorded. A history provider of the inner agent is not used. Answers have the ids under which their messages are stored, and the properties of <see cref="ConversationChatProperties"/>.</para>
/// <para>The messages of a run are new, except those up to the last with an id of this conversation. Messages of other agents are stored as those of users, with their authors.</para>
/// <para>Thread-safe, also for several runs in one session: they run one after the other, or are refused, as the <see cref="BusyPolicy"/> says. Runs throw the exceptions of turns (<see cref="ConversationChatClient"/>) and of the inner agent.</para>
/// </remarks>
public sealed class ConversationAgent : DelegatingAIAgent
{
    private readonly bool _keepsHistoryForEachCall;

    /// <summary>Initializes an agent; see <see cref="ConversationsAIAgentBuilderExtensions.UseConversations(AIAgentBuilder, ConversationView, string, ConversationAgentOptions?)"/>.</summary>
    /// <param name="innerAgent">The agent that calls the model: a <see cref="ChatClientAgent"/>, or an agent around one.</param>
    /// <param name="conversations">The view of one caller, or the manager.</param>
    /// <param name="agent">The name of the agent in the options of the manager.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">The name of the agent is empty or blank, the inner agent has conversations already, or it calls no chat client.</exception>
    public ConversationAgent(AIAgent innerAgent, ConversationView conversations, string agent, ConversationAgentOptions? options = null)
        : this(innerAgent, new SessionTurns(conversations, agent, options))
    {
    }

    internal ConversationAgent(AIAgent innerAgent, SessionTurns turns)
        : base(innerAgent)
    {
        if (innerAgent.GetService<ConversationAgent>() is not null)
            throw new ArgumentException("The agent already has conversations. Pass the agent that calls the model.", nameof(innerAgent));
        if (innerAgent.GetService<ChatClientAgent>() is not { } inner)
            throw new ArgumentException("The agent calls no chat client, so it keeps its history itself. Give conversations to the agents that call a model, also to those within a workflow.", nameof(innerAgent));

        Turns = turns;
        _keepsHistoryForEachCall = inner.GetService<ChatClientAgentOptions>()?.RequirePerServiceCallChatHistoryPersistence ?? false;
    }

    internal SessionTurns Turns { get; }

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(SessionTurns) ? Turns : base.GetService(serviceType, serviceKey);

    /// <inheritdoc/>
    protected override async Task<AgentResponse> RunCoreAsync(
        IEnumerable<ChatMessage> messages, AgentSession? session = null, AgentRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        session ??= await CreateSessionAsync(cancellationToken).ConfigureAwait(false);
        return await InnerAgent.RunAsync(messages, session, Within(session, options), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async IAsyncEnumerable<AgentResponseUpdate> RunCoreStreamingAsync(
        IEnumerable<ChatMessage> messages, AgentSession? session = null, AgentRunOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        session ??= await CreateSessionAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var update in InnerAgent.RunStreamingAsync(messages, session, Within(session, options), cancellationToken).ConfigureAwait(false))
            yield return update;
    }

    /// <summary>Returns the options of a run whose chat client runs a turn. The inner agent calls it with everything that goes to the model beside the history.</summary>
    private ChatClientAgentRunOptions Within(AgentSession session, AgentRunOptions? options)
    {
        var own = options?.Clone() as ChatClientAgentRunOptions ?? new ChatClientAgentRunOptions
        {
            ContinuationToken = options?.ContinuationToken,
            AllowBackgroundResponses = options?.AllowBackgroundResponses,
            AdditionalProperties = options?.AdditionalProperties?.Clone(),
            ResponseFormat = options?.ResponseFormat,
        };
        var others = own.ChatClientFactory;
        own.ChatClientFactory = client => new SessionChatClient(others?.Invoke(client) ?? client, Turns, session, _keepsHistoryForEachCall);
        own.AdditionalProperties ??= [];
        own.AdditionalProperties.Remove<ChatHistoryProvider>();
        own.AdditionalProperties.Add<ChatHistoryProvider>(new RunHistory());
        return own;
    }
}
