using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Which role of a conversation is which of the abstractions.</summary>
internal static class ChatRoles
{
    // What some providers call the system's instructions.
    private static readonly ChatRole Developer = new("developer");

    public static ChatRole Of(MessageRole role) => role switch
    {
        MessageRole.System => ChatRole.System,
        MessageRole.Assistant => ChatRole.Assistant,
        MessageRole.Tool => ChatRole.Tool,
        _ => ChatRole.User,
    };

    /// <summary>The role of a conversation; one that is unknown speaks as the user, whom nobody obeys more than others.</summary>
    public static MessageRole Of(ChatRole role) =>
        role == ChatRole.System || role == Developer ? MessageRole.System
        : role == ChatRole.Assistant ? MessageRole.Assistant
        : role == ChatRole.Tool ? MessageRole.Tool
        : MessageRole.User;
}
