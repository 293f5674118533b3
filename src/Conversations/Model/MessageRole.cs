using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>Specifies the author of a message.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MessageRole>))]
public enum MessageRole
{
    /// <summary>Instructions to the model.</summary>
    System,

    /// <summary>The user, or another trigger of the agent.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,

    /// <summary>A tool that the model called.</summary>
    Tool,
}
