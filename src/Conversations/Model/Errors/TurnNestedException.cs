namespace Conversations;

/// <summary>Thrown when the agent of a turn requests another turn of the same conversation (<c>TURN_NESTED</c>), which could begin only after its own turn ended. Nothing was written.</summary>
/// <remarks>A retry does not help. Use the outer turn, or begin the other turn after the outer one ended.</remarks>
public sealed class TurnNestedException : ConversationException
{
    /// <summary>Initializes a new instance of the exception.</summary>
    /// <param name="conversationId">The id of the conversation.</param>
    /// <param name="runId">The id of the run of the outer turn.</param>
    public TurnNestedException(string conversationId, string runId)
        : base(ConversationErrorCodes.TurnNested, $"Run '{runId}' holds conversation '{conversationId}', and its agent requested another turn of it. Use the outer turn, or begin the other turn after it ended.")
    {
        ConversationId = conversationId;
        RunId = runId;
    }

    /// <summary>Gets the id of the conversation.</summary>
    public string ConversationId { get; }

    /// <summary>Gets the id of the run of the outer turn.</summary>
    public string RunId { get; }
}
