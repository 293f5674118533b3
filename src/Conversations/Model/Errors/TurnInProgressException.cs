namespace Conversations;

/// <summary>Thrown when the request with this idempotency key is already being answered (<c>TURN_IN_PROGRESS</c>). Nothing was written.</summary>
public sealed class TurnInProgressException : ConversationException
{
    /// <summary>Initializes a new instance of the exception.</summary>
    /// <param name="runId">The id of the run that answers the request.</param>
    /// <param name="retryAfter">The time until the lease of that run expires, unless it is renewed.</param>
    public TurnInProgressException(string runId, TimeSpan retryAfter)
        : base(ConversationErrorCodes.TurnInProgress, $"Run '{runId}' is already answering this request. Retry later to receive its answer.")
    {
        RunId = runId;
        RetryAfter = retryAfter;
    }

    /// <summary>Gets the id of the run that answers the request.</summary>
    public string RunId { get; }

    /// <summary>Gets the time from the rejection until the lease of that run expires, unless it is renewed.</summary>
    public TimeSpan RetryAfter { get; }
}
