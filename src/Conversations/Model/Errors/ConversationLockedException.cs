namespace Conversations;

/// <summary>Another turn of the conversation is open (<c>CONVERSATION_LOCKED</c>); nothing was written.</summary>
public sealed class ConversationLockedException : ConversationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="holderRunId">The run that holds it.</param>
    /// <param name="retryAfter">When the holder's lease runs out unless it is renewed, from now.</param>
    public ConversationLockedException(string conversationId, string holderRunId, TimeSpan retryAfter)
        : base(ConversationErrorCodes.ConversationLocked, $"Conversation '{conversationId}' is locked by run '{holderRunId}'.")
    {
        ConversationId = conversationId;
        HolderRunId = holderRunId;
        RetryAfter = retryAfter;
    }

    /// <summary>The conversation.</summary>
    public string ConversationId { get; }

    /// <summary>The run that holds it.</summary>
    public string HolderRunId { get; }

    /// <summary>When the holder's lease runs out unless it is renewed, from the moment of the refusal.</summary>
    public TimeSpan RetryAfter { get; }
}
