namespace Conversations;

/// <summary>Thrown when the audit policy of the agent forbids deletion (<c>DELETION_FORBIDDEN</c>). Nothing was deleted. End the conversation instead.</summary>
public sealed class DeletionForbiddenException : ConversationException
{
    /// <summary>Initializes a new instance of the exception.</summary>
    /// <param name="agent">The name of the agent.</param>
    public DeletionForbiddenException(string agent)
        : base(ConversationErrorCodes.DeletionForbidden, $"Agent '{agent}' retains its conversations for audit, so nothing was deleted. End the conversation instead.") => Agent = agent;

    /// <summary>Gets the name of the agent.</summary>
    public string Agent { get; }
}
