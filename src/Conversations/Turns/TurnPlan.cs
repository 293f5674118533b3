using Conversations.Storage;

namespace Conversations;

/// <summary>A request with everything that was decided about it: where it goes, what it reaches and how it is run.</summary>
internal sealed record TurnPlan(TurnRequest Request, TurnSettings Settings, ConversationAccess Access, ConversationIdentity? Caller)
{
    /// <summary>The scope whose current conversation is continued; null if the request names a conversation, or nothing is stored.</summary>
    public ConversationScope? Scope { get; init; }

    public bool IsPersisted => Scope is not null || Request.ConversationId is not null;

    /// <summary>The input, free of anything that it brought along from where it stood before, and counted.</summary>
    public IReadOnlyList<ConversationMessage> Input { get; } = Counted(Request.Input, Settings.Limits.Counter);

    public WindowLimits Limits { get; } = Request is { HistoryLimit: null, TokenLimit: null }
        ? Settings.Limits
        : Settings.Limits with { Messages = Request.HistoryLimit ?? Settings.Limits.Messages, Tokens = Request.TokenLimit ?? Settings.Limits.Tokens };

    /// <summary>The input that stands in the conversation already and is answered again; null for a turn with input of its own.</summary>
    public MessageSpan? Again { get; init; }

    /// <summary>The message by which it was asked to answer that again; null for a turn with input of its own.</summary>
    public string? AgainBy { get; init; }

    /// <summary>What those who listen are told of the turn; null if nobody does.</summary>
    public TurnTrace? Trace { get; init; }

    public BusyPolicy OnBusy => Request.OnBusy ?? Settings.OnBusy;

    /// <summary>The input as said now.</summary>
    public ConversationMessage[] InputAt(DateTimeOffset now)
    {
        var input = new ConversationMessage[Input.Count];
        for (var i = 0; i < input.Length; i++)
            input[i] = Input[i] with { CreatedAt = now };
        return input;
    }

    private static ConversationMessage[] Counted(IReadOnlyList<ConversationMessage> messages, ITokenCounter counter)
    {
        var counted = new ConversationMessage[messages.Count];
        for (var i = 0; i < counted.Length; i++)
            counted[i] = messages[i] with { ConversationId = null, Position = 0, RunNumber = null, IsPartial = false, Tokens = PromptCost.Count(counter, messages[i]) };
        return counted;
    }
}
