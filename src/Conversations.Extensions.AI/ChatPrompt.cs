using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Gives what was said the shape that every provider takes: a user speaks first, nobody speaks twice in a row, no message is empty.</summary>
/// <remarks>A history need not have that shape: the input of a failed turn is followed by the next input, an interrupted call by a result that says so and then by whatever the user says, and a short window begins
/// where it is cut. Most clients pass on what they are given, and what providers make of it differs.</remarks>
internal static class ChatPrompt
{
    private const string Cut = "[What was said before is left out.]";
    private const string Begun = "[The assistant spoke first.]";
    private const string Unanswered = "[No answer was given.]";

    /// <summary>Makes the messages of a prompt, after those of the system.</summary>
    /// <param name="history">What was said; the messages are the caller's own.</param>
    /// <param name="given">What is asked now, which is left as it is.</param>
    /// <param name="isCut">Whether more was said before.</param>
    public static List<ChatMessage> Of(IEnumerable<ChatMessage> history, IEnumerable<ChatMessage> given, bool isCut)
    {
        var prompt = new List<ChatMessage>();
        foreach (var message in history.Where(HasContent).Concat(given))
        {
            if (prompt.Count == 0 && message.Role != ChatRole.User)
                prompt.Add(new ChatMessage(ChatRole.User, isCut ? Cut : Begun));

            // Results are the user's to some providers.
            if (prompt is [.., { } last] && last.Role == ChatRole.Tool && message.Role == ChatRole.User)
                prompt.Add(new ChatMessage(ChatRole.Assistant, Unanswered));
            if (prompt is [.., { } before] && CanBeOne(before, message))
                prompt[^1] = new ChatMessage(message.Role, [.. before.Contents, .. message.Contents]) { AuthorName = message.AuthorName };
            else
                prompt.Add(message);
        }

        return prompt;
    }

    /// <summary>Leaves out what says nothing to a model: errors, figures, empty texts, and what no client knows.</summary>
    private static bool HasContent(ChatMessage message)
    {
        message.Contents = [.. message.Contents.Where(static content => content is not (ErrorContent or UsageContent or UnknownContent or TextContent { Text.Length: 0 }))];
        return message.Contents.Count > 0;
    }

    // What a provider's client is told of one message does not hold for another.
    private static bool CanBeOne(ChatMessage first, ChatMessage second) =>
        first.Role == second.Role
        && string.Equals(first.AuthorName, second.AuthorName, StringComparison.Ordinal)
        && first.AdditionalProperties is null or { Count: 0 }
        && second.AdditionalProperties is null or { Count: 0 };
}
