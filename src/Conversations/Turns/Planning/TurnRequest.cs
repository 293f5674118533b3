using System.Text;

namespace Conversations;

/// <summary>The input of a turn, with its agent and conversation.</summary>
/// <remarks>Without <see cref="ConversationId"/> and <see cref="Thread"/>, the turn continues the current conversation of the caller, the agent and the channel,
/// or creates one. Immutable, and therefore thread-safe.</remarks>
public sealed record TurnRequest
{
    private readonly string _channel = ConversationChannels.Chat;
    private readonly string? _conversationId;
    private readonly string? _idempotencyKey;
    private readonly string? _replaceMessageId;
    private readonly string? _afterMessageId;
    private readonly string? _thread;
    private readonly string? _conversationMetadata;
    private readonly int? _historyLimit;
    private readonly int? _tokenLimit;

    /// <summary>Initializes a request with one user message.</summary>
    /// <param name="agent">The name of the agent.</param>
    /// <param name="text">The text of the message; not blank.</param>
    /// <exception cref="ArgumentException">An argument is empty, the text is blank, or the name is blank, contains NUL or is not well-formed UTF-16.</exception>
    public TurnRequest(string agent, string text)
    {
        Agent = WellFormed.Key(agent, nameof(agent));
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        Input = [ConversationMessage.User(text)];
    }

    /// <summary>Initializes a request with any input: user messages, results of open tool calls of the conversation, or responses to its open requests for approvals.</summary>
    /// <param name="agent">The name of the agent.</param>
    /// <param name="input">The messages; at least one. The collection is copied.</param>
    /// <exception cref="ArgumentException">The name is empty, blank, contains NUL or is not well-formed UTF-16; or <paramref name="input"/> is empty, contains only blank text,
    /// or contains a message that is neither a user message, nor a user message with responses only, nor a tool message with results and, behind each, its data only. A user message has no calls, results or requests.</exception>
    public TurnRequest(string agent, params IEnumerable<ConversationMessage> input)
    {
        Agent = WellFormed.Key(agent, nameof(agent));
        ArgumentNullException.ThrowIfNull(input);
        Input = Array.AsReadOnly(input.ToArray());
        if (Input.Count == 0)
            throw new ArgumentException("The input is empty. Pass at least one message.", nameof(input));
        if (Input.All(static message => message is { Role: MessageRole.User } && message.Parts.All(static part => part is TextPart { Text: var text } && string.IsNullOrWhiteSpace(text))))
            throw new ArgumentException("The input contains only blank text, which no model can answer. Pass a message with content.", nameof(input));
        if (!Input.All(IsInput))
            throw new ArgumentException("The input contains a message that is neither a user message, nor a user message with responses only, nor a tool message with results and their data only, or that is null. Call ImportAsync to store earlier messages of other roles.", nameof(input));
    }

    /// <summary>Initializes a request to answer existing messages of a conversation again.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="input">The messages to answer again; empty if they are not known yet.</param>
    internal TurnRequest(Conversation conversation, IReadOnlyList<ConversationMessage> input)
    {
        Agent = conversation.Agent;
        Input = input;
        IsStored = true;
        ConversationId = conversation.Id;
    }

    /// <summary>Gets the name of the agent.</summary>
    public string Agent { get; }

    /// <summary>Gets whether the input is stored already, because it is answered again.</summary>
    internal bool IsStored { get; }

    /// <summary>Gets the input.</summary>
    public IReadOnlyList<ConversationMessage> Input { get; }

    /// <summary>Gets the channel of the request; the default is <c>chat</c>. It is part of the scope of a per-user agent and determines the mode.</summary>
    /// <exception cref="ArgumentException">The value is empty or blank, contains NUL or is not well-formed UTF-16.</exception>
    public string Channel
    {
        get => _channel;
        init => _channel = WellFormed.Key(value, nameof(Channel));
    }

    /// <summary>Gets the id of the conversation to continue; <see langword="null"/> to continue the current one. The conversation does not become the current one.</summary>
    /// <exception cref="ArgumentException">The value is empty or blank, contains NUL or is not well-formed UTF-16.</exception>
    public string? ConversationId
    {
        get => _conversationId;
        init => _conversationId = WellFormed.OptionalKey(value, nameof(ConversationId));
    }

    /// <summary>Gets the id of the user message that the input replaces, as when its user edits it and sends it again; <see langword="null"/> for none. The request continues the conversation of that message, so it needs no <see cref="ConversationId"/>.</summary>
    /// <remarks>The agent sees the history before the message, then the input. The commit supersedes the message and everything after it; <see cref="ConversationView.RestoreAsync"/> makes that current again. If the turn does not complete, the message and what follows it
    /// remain current, and the input is superseded together with the partial output. Only user messages can replace a message, and results and responses cannot.</remarks>
    /// <exception cref="ArgumentException">The value is empty or blank, contains NUL or is not well-formed UTF-16.</exception>
    public string? ReplaceMessageId
    {
        get => _replaceMessageId;
        init => _replaceMessageId = WellFormed.OptionalKey(value, nameof(ReplaceMessageId));
    }

    /// <summary>Gets the id of the last message that the caller knows, so that its input does not follow messages that it does not know; <see langword="null"/> if the input follows whatever is there. <see cref="OnEarlierMessage"/> states what to do
    /// if another answer follows that message, or if it is superseded. This is decided when the turn begins, also after a wait. If the request names no conversation, thread or new conversation, it continues the conversation of the message, as long as that is active and belongs to the owner of the current one.</summary>
    /// <remarks>A question of the caller without an answer does not count, and neither does text that broke off, because a caller whose request failed or was stopped may not know them: the input replaces them (see <see cref="ReplaceMessageId"/>), whether the caller sends the question again or has edited it.
    /// A message of an answer or an edit that broke off beside what it was to replace is restored (see <see cref="ConversationView.RestoreAsync"/>): the caller continues that course.
    /// If a turn that the caller does not know has called a tool, the request is refused by default, so that the model does not forget what was done. A message of another conversation than that of the turn has no effect, and neither has one if the input contains results or responses, which must answer what is open.
    /// A repeated request with an idempotency key is recognized first.</remarks>
    /// <exception cref="ArgumentException">The value is empty or blank, contains NUL or is not well-formed UTF-16.</exception>
    public string? AfterMessageId
    {
        get => _afterMessageId;
        init => _afterMessageId = WellFormed.OptionalKey(value, nameof(AfterMessageId));
    }

    /// <summary>Gets what to do if another answer follows <see cref="AfterMessageId"/>; the default is <see cref="EarlierMessagePolicy.Refuse"/>.</summary>
    public EarlierMessagePolicy OnEarlierMessage { get; init; }

    /// <summary>Gets the thread key: the host's key of the record, task or topic of the conversation. Callers that name the same key share one conversation. <see langword="null"/> for none.</summary>
    /// <exception cref="ArgumentException">The value is empty or blank, contains NUL or is not well-formed UTF-16.</exception>
    public string? Thread
    {
        get => _thread;
        init => _thread = WellFormed.OptionalKey(value, nameof(Thread));
    }

    /// <summary>Gets whether to begin a new conversation, which becomes the current one. The old one remains active.</summary>
    public bool StartNew { get; init; }

    /// <summary>Gets the metadata of the conversation that the request begins, a JSON object; <see langword="null"/> for none. A conversation that exists keeps what it has: see <see cref="ConversationView.SetMetadataAsync"/>.</summary>
    /// <exception cref="ArgumentException">The value is not a JSON object.</exception>
    public string? ConversationMetadata
    {
        get => _conversationMetadata;
        init => _conversationMetadata = value is null ? null : JsonObjectText.Of(value, nameof(ConversationMetadata));
    }

    /// <summary>Gets the idempotency key: the host's key of this request. A repeated request with the same key returns the first result, and the agent is not called again. Metadata may differ; the metadata that was stored first is kept.
    /// The key is unique per session and caller. <see langword="null"/> for none.</summary>
    /// <exception cref="ArgumentException">The value is empty or blank, contains NUL or is not well-formed UTF-16.</exception>
    public string? IdempotencyKey
    {
        get => _idempotencyKey;
        init => _idempotencyKey = WellFormed.OptionalKey(value, nameof(IdempotencyKey));
    }

    /// <summary>Gets the maximum number of messages of the history and the input of this turn together, see <see cref="AgentOptions.HistoryLimit"/>; <see langword="null"/> for the value of the agent's options. A greater value than that has no effect.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? HistoryLimit
    {
        get => _historyLimit;
        init => _historyLimit = AtLeastOne(value, nameof(HistoryLimit));
    }

    /// <summary>Gets the maximum number of tokens of the prompt of this turn, see <see cref="AgentOptions.TokenLimit"/>; <see langword="null"/> for the value of the agent's options. A greater value than that has no effect.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? TokenLimit
    {
        get => _tokenLimit;
        init => _tokenLimit = AtLeastOne(value, nameof(TokenLimit));
    }

    /// <summary>Gets a function that counts, with the counter of the agent, what the prompt of this turn contains beside what the library knows: the definitions of tools, and instructions of the host.
    /// The prompt costs as much more, and the token limit applies to all of it. <see langword="null"/> for nothing.</summary>
    /// <remarks>It is called before the turn begins, and may be called more than once. A number below 0 is an <see cref="InvalidOperationException"/>.</remarks>
    public Func<ITokenCounter, int>? ReservedTokens { get; init; }

    /// <summary>Gets what to do if the conversation is busy; <see langword="null"/> for the value of the agent's options.</summary>
    public BusyPolicy? OnBusy { get; init; }

    // The text contains no content and no key, so that it is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, $"{Agent} {Channel} {ReplaceMessageId ?? ConversationId ?? (Thread is not null ? "(thread)" : StartNew ? "(new)" : "(current)")}");

    internal static int? AtLeastOne(int? value, string parameter) =>
        value is < 1 ? throw new ArgumentOutOfRangeException(parameter, value, "The limit is less than 1. Set a positive value, or null for the limit of the agent.") : value;

    private static bool IsInput(ConversationMessage message) =>
        message is not null
        && (message.Role == MessageRole.User && (message.Kind == MessageKind.Message || message.Parts.All(part => part is ApprovalResponsePart))
        || message.Role == MessageRole.Tool && message.Parts[0] is ToolResultPart && message.Parts.All(part => part is ToolResultPart or DataPart));
}
