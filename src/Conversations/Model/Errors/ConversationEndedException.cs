namespace Conversations;

/// <summary>Thrown when a conversation has ended and accepts no turns until it is reopened (<c>CONVERSATION_ENDED</c>). Nothing was written.</summary>
public sealed class ConversationEndedException : ConversationException
{
    /// <summary>Initializes a new instance of the exception.</summary>
    /// <param name="conversationId">The id of the conversation.</param>
    public ConversationEndedException(string conversationId)
        : base(ConversationErrorCodes.ConversationEnded, $"Conversation '{conversationId}' has ended. Reopen it, or begin another conversation.") => ConversationId = conversationId;

    /// <summary>Gets the id of the conversation.</summary>
    public string ConversationId { get; }
}
