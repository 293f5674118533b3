namespace Conversations;

/// <summary>What is asked of an agent, and in which conversation.</summary>
/// <remarks>Without <see cref="ConversationId"/> and <see cref="Thread"/> the current conversation of the caller, the agent and the channel is continued,
/// or one begins. Immutable, so safe from any thread.</remarks>
public sealed record TurnRequest
{
    private readonly string _channel = ConversationChannels.Chat;
    private readonly string? _conversationId;
    private readonly string? _idempotencyKey;
    private readonly string? _thread;
    private readonly int? _historyLimit;
    private readonly int? _tokenLimit;

    /// <summary>Makes a request of one user message.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="text">What the user says; not empty.</param>
    /// <exception cref="ArgumentException">An argument is empty, or the name is blank, holds a NUL or is not well-formed UTF-16.</exception>
    public TurnRequest(string agent, string text)
    {
        Agent = WellFormed.Key(agent, nameof(agent));
        ArgumentException.ThrowIfNullOrEmpty(text);
        Input = [ConversationMessage.User(text)];
    }

    /// <summary>Makes a request of any input: user messages, or results of tool calls that the conversation left open.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="input">The messages; at least one. The collection is copied.</param>
    /// <exception cref="ArgumentException">The name is empty, blank, holds a NUL or is not well-formed UTF-16; or <paramref name="input"/> is empty
    /// or holds a message that is neither a user's nor made of tool results only.</exception>
    public TurnRequest(string agent, params IEnumerable<ConversationMessage> input)
    {
        Agent = WellFormed.Key(agent, nameof(agent));
        ArgumentNullException.ThrowIfNull(input);
        Input = Array.AsReadOnly(input.ToArray());
        if (Input.Count == 0)
            throw new ArgumentException("A request has at least one message.", nameof(input));
        if (!Input.All(IsInput))
            throw new ArgumentException("Input is user messages, or tool messages of results, and none is null. Import what others said in the past.", nameof(input));
    }

    /// <summary>Makes a request to answer again what stands in a conversation.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="input">What is answered again; empty if that is not known yet.</param>
    internal TurnRequest(Conversation conversation, IReadOnlyList<ConversationMessage> input)
    {
        Agent = conversation.Agent;
        Input = input;
        ConversationId = conversation.Id;
    }

    /// <summary>The agent's name.</summary>
    public string Agent { get; }

    /// <summary>What is said.</summary>
    public IReadOnlyList<ConversationMessage> Input { get; }

    /// <summary>Where it happens: <c>chat</c> unless set. It is part of the scope of a per-user agent and chooses the mode.</summary>
    /// <exception cref="ArgumentException">It is empty or blank, holds a NUL or is not well-formed UTF-16.</exception>
    public string Channel
    {
        get => _channel;
        init => _channel = WellFormed.Key(value, nameof(Channel));
    }

    /// <summary>The conversation to continue; <see langword="null"/> to continue the current one. It does not become the current one by that.</summary>
    /// <exception cref="ArgumentException">It is empty or blank, holds a NUL or is not well-formed UTF-16.</exception>
    public string? ConversationId
    {
        get => _conversationId;
        init => _conversationId = WellFormed.OptionalKey(value, nameof(ConversationId));
    }

    /// <summary>The host's own key of the record, task or topic that the conversation is about; all who name it share one conversation. <see langword="null"/> for none.</summary>
    /// <exception cref="ArgumentException">It is empty or blank, holds a NUL or is not well-formed UTF-16.</exception>
    public string? Thread
    {
        get => _thread;
        init => _thread = WellFormed.OptionalKey(value, nameof(Thread));
    }

    /// <summary>Whether to begin a new conversation, which becomes the current one; the old one stays active.</summary>
    public bool StartNew { get; init; }

    /// <summary>The host's own key of this request: sent again with the same key, it is answered with the first result and the agent is not called again. Metadata may differ then; what was saved first stays.
    /// Unique for each session and caller. <see langword="null"/> for none.</summary>
    /// <exception cref="ArgumentException">It is empty or blank, holds a NUL or is not well-formed UTF-16.</exception>
    public string? IdempotencyKey
    {
        get => _idempotencyKey;
        init => _idempotencyKey = WellFormed.OptionalKey(value, nameof(IdempotencyKey));
    }

    /// <summary>How many messages go to the model in this turn, see <see cref="AgentOptions.HistoryLimit"/>; <see langword="null"/> for what the agent's options say.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public int? HistoryLimit
    {
        get => _historyLimit;
        init => _historyLimit = AtLeastOne(value, nameof(HistoryLimit));
    }

    /// <summary>How many tokens the prompt of this turn may cost, see <see cref="AgentOptions.TokenLimit"/>; <see langword="null"/> for what the agent's options say.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public int? TokenLimit
    {
        get => _tokenLimit;
        init => _tokenLimit = AtLeastOne(value, nameof(TokenLimit));
    }

    /// <summary>What to do when the conversation is busy; <see langword="null"/> for what the agent's options say.</summary>
    public BusyPolicy? OnBusy { get; init; }

    /// <summary>What is safe to log: the agent and the target, no content.</summary>
    /// <returns>The agent, the channel and the target.</returns>
    public override string ToString() => $"{Agent} {Channel} {ConversationId ?? Thread ?? (StartNew ? "(new)" : "(current)")}";

    internal static int? AtLeastOne(int? value, string parameter) =>
        value is < 1 ? throw new ArgumentOutOfRangeException(parameter, value, "A limit is at least 1.") : value;

    private static bool IsInput(ConversationMessage message) =>
        message is not null
        && (message.Role == MessageRole.User && message.Kind == MessageKind.Message
        || message.Role == MessageRole.Tool && message.Parts.All(part => part is ToolResultPart));
}
