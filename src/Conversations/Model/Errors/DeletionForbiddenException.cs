namespace Conversations;

/// <summary>The agent's audit policy forbids deletion (<c>DELETION_FORBIDDEN</c>); nothing was deleted. End the conversation instead.</summary>
public sealed class DeletionForbiddenException : ConversationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="agent">The agent.</param>
    public DeletionForbiddenException(string agent)
        : base(ConversationErrorCodes.DeletionForbidden, $"The conversations of agent '{agent}' are kept for audit: they can be ended, not deleted.") => Agent = agent;

    /// <summary>The agent.</summary>
    public string Agent { get; }
}
