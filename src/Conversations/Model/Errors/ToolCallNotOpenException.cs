namespace Conversations;

/// <summary>Thrown when a tool result of the input does not match an open call of the conversation (<c>CALL_NOT_OPEN</c>): the call does not exist, was already answered, or a later message was added. Nothing was written.</summary>
public sealed class ToolCallNotOpenException : ConversationException
{
    /// <summary>Initializes a new instance of the exception.</summary>
    public ToolCallNotOpenException()
        : base(ConversationErrorCodes.CallNotOpen, "A tool result of the input does not match an open call of the conversation. Send a result for each open call, or a user message.")
    {
    }
}
