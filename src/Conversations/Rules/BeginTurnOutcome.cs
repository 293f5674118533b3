using Conversations.Storage;

namespace Conversations;

/// <summary>The outcome of a <see cref="BeginTurnCommand"/>. Every outcome other than <see cref="TurnBegun"/> has written nothing.</summary>
internal abstract record BeginTurnOutcome;

/// <summary>The turn began: the conversation exists, the lease is taken, the run is open, the input is saved.</summary>
internal sealed record TurnBegun : BeginTurnOutcome
{
    public required TurnLease Lease { get; init; }

    /// <summary>The position of the first input message; for a retry, where it was saved.</summary>
    public required long InputPosition { get; init; }

    /// <summary>The input as it was appended; empty for a run on existing input.</summary>
    public IReadOnlyList<StoredMessage> Input { get; init; } = [];

    /// <summary>The last position, input included. What the turn adds follows it.</summary>
    public required long LastPosition { get; init; }

    /// <summary>Whether it is a run on existing input; nothing was appended then.</summary>
    public bool IsOnExistingInput { get; init; }

    /// <summary>Why a conversation was created; null if one was continued.</summary>
    public ConversationStartReason? StartReason { get; init; }

    /// <summary>The position of the message that the input replaces; null for none.</summary>
    public long? ReplacedPosition { get; init; }

    /// <summary>The conversation as the begin wrote it, with its version.</summary>
    public required StoredConversation Conversation { get; init; }

    /// <summary>The timestamp before the begin was decided. It is set once the begin is written.</summary>
    public long DecidedAt { get; set; }

    /// <summary>The state that the begin was decided on.</summary>
    public required ConversationState State { get; init; }

    /// <summary>The window that was loaded with the state; null if none was, or messages were inserted after it was.</summary>
    public IReadOnlyList<StoredMessage>? Window { get; init; }
}

/// <summary>The request with this idempotency key was completed before.</summary>
/// <param name="Run">Its run; if that did not finish, the last later one that answered the same input.</param>
internal sealed record TurnCompletedBefore(ConversationRun Run) : BeginTurnOutcome;

/// <summary>The request with this idempotency key is running.</summary>
/// <param name="Run">Its run.</param>
/// <param name="RetryAfter">What is left of its lease.</param>
internal sealed record TurnRunning(ConversationRun Run, TimeSpan RetryAfter) : BeginTurnOutcome;

/// <summary>The idempotency key was used for another request.</summary>
internal sealed record TurnMismatch : BeginTurnOutcome;

/// <summary>Another turn holds the lease.</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="HolderRunNumber">The number of the run that holds it.</param>
/// <param name="RetryAfter">What is left of its lease.</param>
internal sealed record TurnLocked(string ConversationId, long HolderRunNumber, TimeSpan RetryAfter) : BeginTurnOutcome;

/// <summary>The conversation that was named by id is not active.</summary>
/// <param name="ConversationId">The conversation.</param>
internal sealed record TurnConversationEnded(string ConversationId) : BeginTurnOutcome;

/// <summary>The conversation that was named by id does not exist, is out of reach, or is another agent's; or a message to answer again or to replace does not exist or is superseded.</summary>
internal sealed record TurnNotFound : BeginTurnOutcome;

/// <summary>A tool result or response of the input answers no open call or request.</summary>
internal sealed record TurnCallsNotOpen : BeginTurnOutcome;

/// <summary>An answer that the caller does not know follows the last message that it knows, or that message is superseded.</summary>
internal sealed record TurnOutdated : BeginTurnOutcome
{
    /// <summary>Whether the message is part of an unfinished replacement, which can be restored so that the turn continues it.</summary>
    public bool CanBeRestored { get; init; }
}
