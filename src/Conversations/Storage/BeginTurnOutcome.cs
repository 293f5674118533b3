namespace Conversations.Storage;

/// <summary>What became of a <see cref="BeginTurnCommand"/>. Whatever is not <see cref="TurnBegun"/> has written nothing.</summary>
public abstract record BeginTurnOutcome
{
    private protected BeginTurnOutcome()
    {
    }
}

/// <summary>The turn has begun: the conversation stands, the lease is taken, the run is open, the input is saved.</summary>
public sealed record TurnBegun : BeginTurnOutcome
{
    /// <summary>The lease.</summary>
    public required TurnLease Lease { get; init; }

    /// <summary>The position of the first input message; for a run on saved input, where that was saved.</summary>
    public required long InputPosition { get; init; }

    /// <summary>The position given last, input included. What the turn adds follows on from it.</summary>
    public required long LastPosition { get; init; }

    /// <summary>Whether it is a new run on input that an earlier one of the request saved [6.5]; nothing was appended then.</summary>
    public bool IsOnSavedInput { get; init; }

    /// <summary>Why a conversation was created; <see langword="null"/> if one was continued.</summary>
    public ConversationStartReason? StartReason { get; init; }
}

/// <summary>The request with this idempotency key was completed before [6].</summary>
/// <param name="Run">Its run; if that did not finish, the last later one that answered the same input [6.5].</param>
public sealed record TurnCompletedBefore(ConversationRun Run) : BeginTurnOutcome;

/// <summary>The request with this idempotency key is running [6].</summary>
/// <param name="Run">Its run.</param>
/// <param name="RetryAfter">What is left of its lease.</param>
public sealed record TurnRunning(ConversationRun Run, TimeSpan RetryAfter) : BeginTurnOutcome;

/// <summary>The idempotency key was used for another request [6].</summary>
public sealed record TurnMismatch : BeginTurnOutcome;

/// <summary>Another turn holds the lease [4].</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="HolderRunNumber">The number of the run that holds it.</param>
/// <param name="RetryAfter">What is left of its lease.</param>
public sealed record TurnLocked(string ConversationId, long HolderRunNumber, TimeSpan RetryAfter) : BeginTurnOutcome;

/// <summary>The conversation that was named by id is not active.</summary>
/// <param name="ConversationId">The conversation.</param>
public sealed record TurnConversationEnded(string ConversationId) : BeginTurnOutcome;

/// <summary>The conversation that was named by id does not exist, is out of reach, or is another agent's [16].</summary>
public sealed record TurnNotFound : BeginTurnOutcome;

/// <summary>The conversation's last position is not <see cref="BeginTurnCommand.ExpectedLastPosition"/>.</summary>
public sealed record TurnConversationMoved : BeginTurnOutcome;
