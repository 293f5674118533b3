using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>The log messages of the chat client. Types are named, and nothing that a user or a model wrote. Event ids and names do not change.</summary>
internal static partial class ChatLog
{
    [LoggerMessage(1, LogLevel.Warning, "A value of type '{Type}' cannot be written as JSON. The stored message has the name of the type in its place. Use a type that System.Text.Json writes, or register it in ConversationChatClientOptions.JsonSerializerOptions; a program that is compiled ahead of time registers each type. Logged once for each type.", EventName = "ValueNotKept")]
    public static partial void ValueNotKept(ILogger logger, string type);
}
