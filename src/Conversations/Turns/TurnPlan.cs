using Conversations.Storage;

namespace Conversations;

/// <summary>A request with everything that was decided about it: where it goes, what it reaches and how it is run.</summary>
internal sealed record TurnPlan(TurnRequest Request, TurnSettings Settings, ConversationAccess Access, ConversationIdentity? Caller)
{
    /// <summary>The scope whose current conversation is continued; null if the request names a conversation, or nothing is stored.</summary>
    public ConversationScope? Scope { get; init; }

    public bool IsPersisted => Scope is not null || Request.ConversationId is not null;

    public BusyPolicy WhenBusy => Request.WhenBusy ?? Settings.WhenBusy;
}
