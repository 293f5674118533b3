namespace Conversations;

/// <summary>The conversation has ended and takes no turns until it is reopened (<c>CONVERSATION_ENDED</c>); nothing was written.</summary>
public sealed class ConversationEndedException : ConversationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="conversationId">The conversation.</param>
    public ConversationEndedException(string conversationId)
        : base(ConversationErrorCodes.ConversationEnded, $"Conversation '{conversationId}' has ended.") => ConversationId = conversationId;

    /// <summary>The conversation.</summary>
    public string ConversationId { get; }
}
