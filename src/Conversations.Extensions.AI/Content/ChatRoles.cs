using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Maps roles of the abstractions to roles of a conversation.</summary>
internal static class ChatRoles
{
    // Some providers use this role for the instructions of the system.
    private static readonly ChatRole Developer = new("developer");

    public static ChatRole Of(MessageRole role) => role switch
    {
        MessageRole.System => ChatRole.System,
        MessageRole.Assistant => ChatRole.Assistant,
        MessageRole.Tool => ChatRole.Tool,
        _ => ChatRole.User,
    };

    /// <summary>Returns the role of a conversation. An unknown role becomes user, which has the least authority.</summary>
    public static MessageRole Of(ChatRole role) =>
        role == ChatRole.System || role == Developer ? MessageRole.System
        : role == ChatRole.Assistant ? MessageRole.Assistant
        : role == ChatRole.Tool ? MessageRole.Tool
        : MessageRole.User;
}
