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

    public WindowLimits Limits { get; } = Request is { HistoryLimit: null, TokenLimit: null, ReservedTokens: null }
        ? Settings.Limits
        : Settings.Limits with
        {
            // A request can come from a caller whom the host does not trust with the costs of its prompts.
            Messages = Math.Min(Request.HistoryLimit ?? int.MaxValue, Settings.Limits.Messages),
            Tokens = Request.TokenLimit is { } tokens && !(tokens > Settings.Limits.Tokens) ? tokens : Settings.Limits.Tokens,
            Reserved = Reserved(Request, Settings),
        };

    /// <summary>Whether the request has limits of its own, so that its window is not that of the agent.</summary>
    public bool HasOwnLimits => Request is not { HistoryLimit: null, TokenLimit: null };

    /// <summary>The existing input to answer again; null for a turn with new input.</summary>
    public MessageSpan? Again { get; init; }

    /// <summary>The message that the request to answer again names; null for a turn with new input.</summary>
    public string? AgainBy { get; init; }

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

    private static int Reserved(TurnRequest request, TurnSettings settings) => request.ReservedTokens?.Invoke(settings.Limits.Counter) switch
    {
        null => 0,
        >= 0 and { } tokens => tokens,
        _ => throw new InvalidOperationException("ReservedTokens returned a number below 0."),
    };

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
