using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>Specifies the status of a conversation.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConversationStatus>))]
public enum ConversationStatus
{
    /// <summary>The conversation accepts turns.</summary>
    Active,

    /// <summary>The conversation was ended. It can be read and reopened, but accepts no turns.</summary>
    Ended,

    /// <summary>The conversation was archived. It can be read and reopened, but accepts no turns.</summary>
    Archived,
}
