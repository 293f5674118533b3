using Conversations.Storage;

namespace Conversations;

/// <summary>A request with everything that was decided about it: its target, its access and its settings.</summary>
internal sealed record TurnPlan(TurnRequest Request, TurnSettings Settings, ConversationAccess Access, ConversationIdentity? Caller)
{
    /// <summary>The scope whose current conversation is continued; null if the request names a conversation, or the turn is not stored.</summary>
    public ConversationScope? Scope { get; init; }

    public bool IsPersisted => Scope is not null || Request.ConversationId is not null;

    /// <summary>The input without the ids and positions that it had before, and with token counts.</summary>
    public IReadOnlyList<ConversationMessage> Input { get; } = Counted(Request, Settings);

    public WindowLimits Limits { get; } = Request is { HistoryLimit: null, TokenLimit: null }
        ? Settings.Limits
        : Settings.Limits with
        {
            // A request can come from a caller whom the host does not trust with the costs of its prompts.
            Messages = Math.Min(Request.HistoryLimit ?? int.MaxValue, Settings.Limits.Messages),
            Tokens = Request.TokenLimit is { } tokens && !(tokens > Settings.Limits.Tokens) ? tokens : Settings.Limits.Tokens,

            // Where such a window begins is not kept, so it is not cut by more than it must.
            Trim = 1,
        };

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

    /// <summary>The input with the current time.</summary>
    public ConversationMessage[] InputAt(DateTimeOffset now)
    {
        var input = new ConversationMessage[Input.Count];
        for (var i = 0; i < input.Length; i++)
            input[i] = Input[i] with { CreatedAt = now };
        return input;
    }

    private static ConversationMessage[] Counted(TurnRequest request, TurnSettings settings)
    {
        // What is too large is not counted. Stored input is answered again, also if the limits are lower today.
        if (!request.IsStored)
            settings.Sizes.CheckInput(request.Input);

        var counted = new ConversationMessage[request.Input.Count];
        for (var i = 0; i < counted.Length; i++)
            counted[i] = request.Input[i].Content(PromptCost.Count(settings.Limits.Counter, request.Input[i]));
        return counted;
    }
}
