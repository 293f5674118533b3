namespace Conversations;

/// <summary>What a message is; the kind of its strongest part: error, then tool call, tool result, message.</summary>
public enum MessageKind
{
    /// <summary>Text or other content.</summary>
    Message,

    /// <summary>At least one tool call.</summary>
    ToolCall,

    /// <summary>At least one tool result.</summary>
    ToolResult,

    /// <summary>An error to be shown to people; it never goes to the model.</summary>
    Error,
}
