using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>Specifies why a turn began a conversation instead of continuing one.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConversationStartReason>))]
public enum ConversationStartReason
{
    /// <summary>The scope had no current conversation, or it was deleted.</summary>
    First,

    /// <summary>The scope's current conversation had ended.</summary>
    Ended,

    /// <summary>The request specified a new conversation.</summary>
    Requested,
}
