namespace Conversations;

/// <summary>Thrown when another turn of the conversation is open (<c>CONVERSATION_LOCKED</c>). Nothing was written.</summary>
public sealed class ConversationLockedException : ConversationException
{
    /// <summary>Initializes a new instance of the exception.</summary>
    /// <param name="conversationId">The id of the conversation.</param>
    /// <param name="holderRunId">The id of the run that holds the lease.</param>
    /// <param name="retryAfter">The time until the lease of that run expires, unless it is renewed.</param>
    public ConversationLockedException(string conversationId, string holderRunId, TimeSpan retryAfter)
        : base(ConversationErrorCodes.ConversationLocked, $"Conversation '{conversationId}' is locked by run '{holderRunId}'. Retry later, or use a busy policy that waits longer. At most Limits.MaxWaitingTurns turns of a process wait for a conversation; further ones are refused at once.")
    {
        ConversationId = conversationId;
        HolderRunId = holderRunId;
        RetryAfter = retryAfter;
    }

    /// <summary>Gets the id of the conversation.</summary>
    public string ConversationId { get; }

    /// <summary>Gets the id of the run that holds the lease.</summary>
    public string HolderRunId { get; }

    /// <summary>Gets the time from the rejection until the lease of that run expires, unless it is renewed.</summary>
    public TimeSpan RetryAfter { get; }
}
