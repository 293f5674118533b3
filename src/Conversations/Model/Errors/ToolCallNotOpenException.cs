namespace Conversations;

/// <summary>A tool result of the input answers no call that the conversation left open (<c>CALL_NOT_OPEN</c>): there is none, it was answered, or somebody has spoken since. Nothing was written.</summary>
public sealed class ToolCallNotOpenException : ConversationException
{
    /// <summary>Makes the exception.</summary>
    public ToolCallNotOpenException()
        : base(ConversationErrorCodes.CallNotOpen, "A tool result of the input answers no call that the conversation left open.")
    {
    }
}
