namespace Conversations;

/// <summary>Thrown when a tool result of the input does not match an open call of the conversation, or a response an open request for an approval (<c>CALL_NOT_OPEN</c>): the call or request does not exist, was already answered, or a later message was added. Nothing was written, and no function was called.</summary>
public sealed class ToolCallNotOpenException : ConversationException
{
    /// <summary>Initializes a new instance of the exception.</summary>
    public ToolCallNotOpenException()
        : base(ConversationErrorCodes.CallNotOpen, "A tool result or response of the input does not match an open call or request of the conversation. Send one for each that is open, or a user message.")
    {
    }
}
