using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>Specifies the kind of a message, which is the kind of its strongest part: error, then tool call, tool result, message.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MessageKind>))]
public enum MessageKind
{
    /// <summary>Text or other content.</summary>
    Message,

    /// <summary>At least one tool call or request for an approval.</summary>
    ToolCall,

    /// <summary>At least one tool result or response to a request for an approval.</summary>
    ToolResult,

    /// <summary>An error that is shown to people and never in prompts.</summary>
    Error,
}
