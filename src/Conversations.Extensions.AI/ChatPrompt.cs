using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Gives a history the shape that providers take.</summary>
internal static class ChatPrompt
{
    private const string Cut = "[What was said before is left out.]";
    private const string Begun = "[The assistant spoke first.]";

    /// <summary>Has a user speak first, as some providers want it: where no user's message fits, or the assistant began, a note stands in for one.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="first">Where what users and the assistant say begins.</param>
    /// <param name="isCut">Whether anything was said before.</param>
    public static void Open(List<ChatMessage> prompt, int first, bool isCut)
    {
        if (first < prompt.Count && prompt[first].Role != ChatRole.User)
            prompt.Insert(first, new ChatMessage(ChatRole.User, isCut ? Cut : Begun));
    }

    /// <summary>Leaves out what says nothing to a model: errors, figures, empty texts, and messages of nothing else.</summary>
    /// <param name="message">A message of the history, of the caller's own.</param>
    /// <returns>The message; null if nothing is left of it.</returns>
    public static ChatMessage? Shape(ChatMessage message)
    {
        message.Contents = [.. message.Contents.Where(static content => content is not (ErrorContent or UsageContent or TextContent { Text.Length: 0 }))];
        return message.Contents.Count > 0 ? message : null;
    }
}
