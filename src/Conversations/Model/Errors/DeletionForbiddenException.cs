namespace Conversations;

/// <summary>Thrown when a deletion is forbidden (<c>DELETION_FORBIDDEN</c>): by the audit policy of the agent, or because the conversation is shared and the view of the caller has no grant. Nothing was deleted.</summary>
public sealed class DeletionForbiddenException : ConversationException
{
    /// <summary>Initializes a new instance of the exception.</summary>
    /// <param name="agent">The name of the agent.</param>
    /// <param name="isShared">Whether a grant for shared conversations is missing; otherwise the audit policy forbids the deletion.</param>
    public DeletionForbiddenException(string agent, bool isShared = false)
        : base(
            ConversationErrorCodes.DeletionForbidden,
            isShared
                ? $"The conversation of agent '{agent}' is shared, so nothing was deleted. Grant the deletion to the view (ConversationGrants.DeleteShared), or delete as the host."
                : $"Agent '{agent}' retains its conversations for audit, so nothing was deleted. End the conversation instead.") => Agent = agent;

    /// <summary>Gets the name of the agent.</summary>
    public string Agent { get; }
}
