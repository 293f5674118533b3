using Conversations.Storage;

namespace Conversations;

/// <summary>A request with everything that was decided about it: its target, its access and its settings.</summary>
internal sealed record TurnPlan(TurnRequest Request, TurnSettings Settings, ConversationAccess Access, ConversationIdentity? Caller)
{
    /// <summary>The scope whose current conversation is continued; null if the request names a conversation, or the turn is not stored.</summary>
    public ConversationScope? Scope { get; init; }

    /// <summary>The conversation that the request does not name, but whose message it continues from; null if it names one, or continues the current one.</summary>
    public string? Home { get; init; }

    /// <summary>The conversation to continue; null for that of the scope.</summary>
    public string? ConversationId => Request.ConversationId ?? Home;

    public bool IsPersisted => Scope is not null || ConversationId is not null;

    /// <summary>The input without the ids and positions that it had before, and with token counts.</summary>
    public IReadOnlyList<ConversationMessage> Input { get; } = Counted(Request, Settings);

    /// <summary>The author of input in a shared conversation; null if the conversation belongs to one identity, if the caller has no name, and for input that is stored already.</summary>
    public Speaker? Speaker => Scope is { } scope && !Speaker.SpeaksIn(scope.Channel) ? null : field ??= SpeakerOf(Request, Settings, Caller);

    public WindowLimits Limits { get; } = LimitsOf(Request, Settings);

    /// <summary>Whether the limits of the request are lower than those of the agent, so that its window is not that of the agent.</summary>
    public bool HasOwnLimits => Limits.Messages != Settings.Limits.Messages || Limits.Tokens != Settings.Limits.Tokens;

    /// <summary>The existing input to answer again; null for a turn with new input.</summary>
    public MessageSpan? Again { get; init; }

    /// <summary>The message that the request to answer again names; null for a turn with new input.</summary>
    public string? AgainBy { get; init; }

    /// <summary>The position of the message that the input replaces; null for none.</summary>
    public long? ReplacedPosition { get; } = Request.ReplaceMessageId is { } replaced && ConversationIds.TryParseMessage(replaced, out _, out var position) ? position : null;

    /// <summary>The last message that the caller knows, which other answers must not follow; null if any may.</summary>
    public KnownMessage? After { get; } = Request is { OnEarlierMessage: not EarlierMessagePolicy.Append, AfterMessageId: { } known } && ConversationIds.TryParseMessage(known, out var home, out var knownAt) ? new KnownMessage(home, knownAt) : null;

    /// <summary>The run whose superseding the turn undoes; null for none.</summary>
    public long? Restores { get; init; }

    /// <summary>What records the turn for telemetry; null if there is no listener.</summary>
    public TurnTrace? Trace { get; init; }

    public BusyPolicy OnBusy => Request.OnBusy ?? Settings.OnBusy;

    /// <summary>The input as it is in a conversation; null for the one of the scope.</summary>
    public IReadOnlyList<ConversationMessage> InputIn(Conversation? target) =>
        Speaker is { } speaker && (Scope is not null || target is not null) && Speaker.SpeaksIn(target is null ? Scope!.Channel : target.Channel) ? speaker.Sign(Input) : Input;

    /// <summary>The input with the current time.</summary>
    public ConversationMessage[] InputAt(DateTimeOffset now, Conversation? target = null)
    {
        var known = InputIn(target);
        var input = new ConversationMessage[known.Count];
        for (var i = 0; i < input.Length; i++)
            input[i] = known[i] with { CreatedAt = now };
        return input;
    }

    private static Speaker? SpeakerOf(TurnRequest request, TurnSettings settings, ConversationIdentity? caller) =>
        !request.IsStored && Speaker.NameOf(caller, settings.PartitionBy) is { } name
            ? new Speaker(name, PromptCost.CountAuthor(settings.Limits.Counter, MessageRole.User, name))
            : null;

    private static int Reserved(TurnRequest request, TurnSettings settings) => request.ReservedTokens?.Invoke(settings.Limits.Counter) switch
    {
        null => 0,
        >= 0 and { } tokens => tokens,
        _ => throw new InvalidOperationException("ReservedTokens returned a number below 0."),
    };

    private static WindowLimits LimitsOf(TurnRequest request, TurnSettings settings)
    {
        // A request can come from a caller whom the host does not trust with the costs of its prompts.
        var limits = settings.Limits;
        var messages = Math.Min(request.HistoryLimit ?? int.MaxValue, limits.Messages);
        var tokens = TokensOf(request, settings);
        var isOwn = messages != limits.Messages || tokens != limits.Tokens;
        if (!isOwn && request.ReservedTokens is null)
            return limits;

        // Where a window with limits of its own begins is not kept, so it is not cut by more than it must.
        return limits with { Messages = messages, Tokens = tokens, Trim = isOwn ? 1 : limits.Trim, Reserved = Reserved(request, settings) };
    }

    private static int? TokensOf(TurnRequest request, TurnSettings settings) =>
        request.TokenLimit is { } asked && !(asked > settings.Limits.Tokens) ? asked : settings.Limits.Tokens;

    private static ConversationMessage[] Counted(TurnRequest request, TurnSettings settings)
    {
        // What is too large is not counted. Stored input is answered again, also if the limits are lower today.
        if (!request.IsStored)
            settings.Sizes.CheckInput(request.Input);

        // Input above the limit is refused and not stored, so it needs no exact count. If it has a key, it may be stored: the request may have been answered under another limit.
        var limit = request is { IdempotencyKey: null, IsStored: false } ? TokensOf(request, settings) : null;
        var counted = new ConversationMessage[request.Input.Count];
        for (var i = 0; i < counted.Length; i++)
            counted[i] = request.Input[i].Content(PromptCost.Count(settings.Limits.Counter, request.Input[i], limit ?? int.MaxValue));
        return counted;
    }
}
