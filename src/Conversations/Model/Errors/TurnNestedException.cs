namespace Conversations;

/// <summary>The agent of a turn asked for a turn of the same conversation (<c>TURN_NESTED</c>), which could begin only when its own has ended; nothing was written.</summary>
/// <remarks>Trying again does not help: take the outer turn instead, or begin the other one when that has ended.</remarks>
public sealed class TurnNestedException : ConversationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="runId">The run of the outer turn, which holds it.</param>
    public TurnNestedException(string conversationId, string runId)
        : base(ConversationErrorCodes.TurnNested, $"Run '{runId}' holds conversation '{conversationId}', and its own agent asked for another turn there.")
    {
        ConversationId = conversationId;
        RunId = runId;
    }

    /// <summary>The conversation.</summary>
    public string ConversationId { get; }

    /// <summary>The run of the outer turn, which holds it.</summary>
    public string RunId { get; }
}
