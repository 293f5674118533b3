namespace Conversations;

/// <summary>The turn lost its lease (<c>LEASE_LOST</c>): to another turn, to a deletion, or because it could not be renewed in time. No answer was written.</summary>
/// <remarks>Once another turn has taken the conversation, nothing more is written at all: the run is marked interrupted. If none has, <c>RunTurnAsync</c> records
/// the run as failed and keeps what its agent had added, marked partial.</remarks>
public sealed class LeaseLostException : ConversationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="runId">The run that lost it.</param>
    /// <param name="innerException">How the agent ended when it was told.</param>
    public LeaseLostException(string runId, Exception? innerException = null)
        : base(ConversationErrorCodes.LeaseLost, $"Run '{runId}' lost its lease.", innerException) => RunId = runId;

    /// <summary>The run that lost it.</summary>
    public string RunId { get; }
}
