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
    public static List<ChatMessage> Of(IEnumerable<ChatMessage> history, IReadOnlyList<ChatMessage> given, bool isCut)
    {
        var prompt = new List<ChatMessage>();
        var answered = given.SelectMany(static message => message.Contents).OfType<InputResponseContent>().Select(static response => response.RequestId).ToHashSet(StringComparer.Ordinal);
        foreach (var message in history.Where(message => HasContent(message, answered)))
        {
            WithoutIds(message);
            if (IsResultBefore(prompt, message))
                prompt.Add(new ChatMessage(ChatRole.Assistant, Unanswered));
            Append(prompt, message, isCut);
        }

        // What is given at once was said at once: nothing stands between a result and the words that came with it.
        for (var i = 0; i < given.Count; i++)
        {
            if (i == 0 && IsResultBefore(prompt, given[0]))
                prompt.Add(new ChatMessage(ChatRole.Assistant, Unanswered));
            Append(prompt, given[i], isCut);
        }

        return prompt;
    }

    /// <summary>Takes away what is ours and no concern of a model's client: the ids, which may make it look for what it does not have, and what the message was made of.</summary>
    public static ChatMessage WithoutIds(ChatMessage message)
    {
        (message.MessageId, message.CreatedAt, message.RawRepresentation) = (null, null, null);
        foreach (var content in message.Contents)
            content.RawRepresentation = null;
        return message;
    }

    private static void Append(List<ChatMessage> prompt, ChatMessage message, bool isCut)
    {
        if (prompt.Count == 0 && message.Role != ChatRole.User)
            prompt.Add(new ChatMessage(ChatRole.User, isCut ? Cut : Begun));
        if (prompt is [.., { } last] && CanBeOne(last, message))
            prompt[^1] = new ChatMessage(message.Role, [.. last.Contents, .. Between(last, message), .. message.Contents]) { AuthorName = message.AuthorName };
        else
            prompt.Add(message);
    }

    /// <summary>Leaves out what says nothing to a model: errors, figures, empty texts, what no client knows, and requests for an approval or another input, unless they are answered now. A client that calls functions
    /// would wait for the others for ever, or do once more what was approved and done long ago; what it did then stands in the history as call and result.</summary>
    private static bool HasContent(ChatMessage message, HashSet<string> answered)
    {
        message.Contents =
        [
            .. message.Contents.Where(content => content switch
            {
                ErrorContent or UsageContent or UnknownContent or TextContent { Text.Length: 0 } or InputResponseContent => false,
                InputRequestContent request => answered.Contains(request.RequestId),
                _ => true,
            }),
        ];
        return message.Contents.Count > 0;
    }

    // Results are the user's to some providers.
    private static bool IsResultBefore(List<ChatMessage> prompt, ChatMessage message) =>
        prompt is [.., { } last] && last.Role == ChatRole.Tool && message.Role == ChatRole.User;

    // What a provider's client is told of one message does not hold for another.
    private static bool CanBeOne(ChatMessage first, ChatMessage second) =>
        first.Role == second.Role
        && string.Equals(first.AuthorName, second.AuthorName, StringComparison.Ordinal)
        && first is { AdditionalProperties: null or { Count: 0 }, RawRepresentation: null }
        && second is { AdditionalProperties: null or { Count: 0 }, RawRepresentation: null };

    // Clients that read a message as one text would glue the words of two together.
    private static IEnumerable<AIContent> Between(ChatMessage first, ChatMessage second) =>
        first.Contents is [.., TextContent] && second.Contents is [TextContent, ..] ? [new TextContent("\n\n")] : [];
}
