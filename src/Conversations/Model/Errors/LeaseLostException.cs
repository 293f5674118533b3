namespace Conversations;

/// <summary>Thrown when a turn lost its lease (<c>LEASE_LOST</c>): another turn took over, the conversation was deleted, or the lease was not renewed in time. No answer was written.</summary>
/// <remarks>After a takeover the turn writes nothing and its run is marked interrupted. Otherwise <c>RunTurnAsync</c> records
/// the run as failed and keeps its output, marked partial.</remarks>
public sealed class LeaseLostException : ConversationException
{
    /// <summary>Initializes a new instance of the exception.</summary>
    /// <param name="runId">The id of the run.</param>
    /// <param name="innerException">The exception of the agent after the lease was lost.</param>
    public LeaseLostException(string runId, Exception? innerException = null)
        : base(ConversationErrorCodes.LeaseLost, $"Run '{runId}' lost its lease or its conversation was deleted, and its answer was not written. Send the request again.", innerException) => RunId = runId;

    /// <summary>Gets the id of the run.</summary>
    public string RunId { get; }
}
