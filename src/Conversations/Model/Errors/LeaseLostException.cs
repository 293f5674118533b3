namespace Conversations;

/// <summary>The turn lost its lease, to another turn or to a deletion (<c>LEASE_LOST</c>); nothing was written.</summary>
public sealed class LeaseLostException : ConversationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="runId">The run that lost it.</param>
    public LeaseLostException(string runId)
        : base(ConversationErrorCodes.LeaseLost, $"Run '{runId}' lost its lease.") => RunId = runId;

    /// <summary>The run that lost it.</summary>
    public string RunId { get; }
}
