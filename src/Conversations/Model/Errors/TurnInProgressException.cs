namespace Conversations;

/// <summary>The request with this idempotency key is being answered right now (<c>TURN_IN_PROGRESS</c>); nothing was written.</summary>
public sealed class TurnInProgressException : ConversationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="runId">The run that is answering it.</param>
    /// <param name="retryAfter">When that run's lease runs out unless it is renewed, from now.</param>
    public TurnInProgressException(string runId, TimeSpan retryAfter)
        : base(ConversationErrorCodes.TurnInProgress, $"Run '{runId}' is answering this request.")
    {
        RunId = runId;
        RetryAfter = retryAfter;
    }

    /// <summary>The run that is answering it.</summary>
    public string RunId { get; }

    /// <summary>When that run's lease runs out unless it is renewed, from the moment of the refusal.</summary>
    public TimeSpan RetryAfter { get; }
}
