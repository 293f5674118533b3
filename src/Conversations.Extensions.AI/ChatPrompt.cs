using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Gives a history the shape that providers take.</summary>
internal static class ChatPrompt
{
    /// <summary>Leaves out what says nothing to a model: errors, figures, empty texts, and messages of nothing else.</summary>
    /// <param name="message">A message of the history, of the caller's own.</param>
    /// <returns>The message; null if nothing is left of it.</returns>
    public static ChatMessage? Shape(ChatMessage message)
    {
        message.Contents = [.. message.Contents.Where(static content => content is not (ErrorContent or UsageContent or TextContent { Text.Length: 0 }))];
        return message.Contents.Count > 0 ? message : null;
    }
}
