using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Converts messages to the form that every provider accepts: the first message is a user message, roles alternate, and no message is empty.</summary>
/// <remarks>A history need not have that form: the next input follows the input of a failed turn, a result that reports the interruption and then a user message follow an interrupted call, and a short window begins
/// at its limit. Most clients pass messages on unchanged, and providers handle such messages differently.</remarks>
internal static class ChatPrompt
{
    private const string Cut = "[Earlier messages are omitted.]";
    private const string Begun = "[The assistant spoke first.]";
    private const string Unanswered = "[No answer was given.]";

    /// <summary>Creates the messages of a prompt that follow the system messages.</summary>
    /// <param name="history">The history; its messages may be changed.</param>
    /// <param name="given">The new messages, which are not changed.</param>
    /// <param name="isCut">Whether the conversation has earlier messages.</param>
    /// <param name="authorsInText">Whether texts of users begin with the names of their authors. Messages of several authors can then be one.</param>
    public static List<ChatMessage> Of(IEnumerable<ChatMessage> history, IReadOnlyList<ChatMessage> given, bool isCut, bool authorsInText = false)
    {
        var prompt = new List<ChatMessage>();
        var answered = given.SelectMany(static message => message.Contents).OfType<InputResponseContent>().Select(static response => response.RequestId).ToHashSet(StringComparer.Ordinal);
        AppendEach(prompt, history.Where(message => HasContent(message, answered)).Select(static message => (RunOf(message), WithoutIds(message))), isCut, authorsInText);

        // New messages belong together, so nothing is inserted between a result and the text that accompanies it.
        for (var i = 0; i < given.Count; i++)
        {
            if (i == 0 && IsResultBefore(prompt, given[0]))
                prompt.Add(new ChatMessage(ChatRole.Assistant, Unanswered));
            Append(prompt, given[i], isCut, authorsInText);
        }

        return prompt;
    }

    /// <summary>Adds messages to a prompt. None of the messages is changed.</summary>
    public static List<ChatMessage> Appended(List<ChatMessage> prompt, IEnumerable<ChatMessage> messages)
    {
        AppendEach(prompt, messages.Select(static message => (Run: RunOf(message), Message: Copy(message))).Where(static copy => HasContent(copy.Message, [])), isCut: false, authorsInText: false);
        return prompt;
    }

    /// <summary>Removes what belongs to the library: the ids, which a client could look up, and the raw representation.</summary>
    public static ChatMessage WithoutIds(ChatMessage message)
    {
        (message.MessageId, message.CreatedAt, message.RawRepresentation) = (null, null, null);
        foreach (var content in message.Contents)
            content.RawRepresentation = null;
        return message;
    }

    private static long? RunOf(ChatMessage message) => (message.RawRepresentation as StoredMessage)?.RunNumber;

    private static ChatMessage Copy(ChatMessage message)
    {
        var copy = message.Clone();
        (copy.MessageId, copy.CreatedAt, copy.RawRepresentation) = (null, null, null);
        return copy;
    }

    private static void AppendEach(List<ChatMessage> prompt, IEnumerable<(long? Run, ChatMessage Message)> messages, bool isCut, bool authorsInText)
    {
        long? last = null;
        foreach (var (run, message) in messages)
        {
            // Results and the text that came with them are together in later prompts, too.
            if (IsResultBefore(prompt, message) && !(last is not null && last == run))
                prompt.Add(new ChatMessage(ChatRole.Assistant, Unanswered));
            last = run;
            Append(prompt, message, isCut, authorsInText);
        }
    }

    private static void Append(List<ChatMessage> prompt, ChatMessage message, bool isCut, bool authorsInText)
    {
        if (authorsInText)
            message = ChatAuthors.InText(message);
        if (prompt.Count == 0 && message.Role != ChatRole.User)
            prompt.Add(new ChatMessage(ChatRole.User, isCut ? Cut : Begun));
        if (prompt is [.., { } last] && CanBeOne(last, message, authorsInText))
            prompt[^1] = new ChatMessage(message.Role, [.. last.Contents, .. Behind(last, message)]) { AuthorName = IsOfOneAuthor(last, message) ? message.AuthorName : null };
        else
            prompt.Add(message);
    }

    /// <summary>Omits content without meaning for a model: errors, usage, empty text, unknown content, and requests for an approval or other input unless they are answered now. A client that invokes functions
    /// would wait for the other requests forever, or invoke a function again that was approved earlier; its call and result are in the history.</summary>
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

    // Some providers treat results as user messages.
    private static bool IsResultBefore(List<ChatMessage> prompt, ChatMessage message) =>
        prompt is [.., { } last] && last.Role == ChatRole.Tool && message.Role == ChatRole.User;

    // Properties for a provider's client that belong to one message do not apply to another.
    private static bool CanBeOne(ChatMessage first, ChatMessage second, bool authorsInText) =>
        first.Role == second.Role
        && (IsOfOneAuthor(first, second) || (authorsInText && first.Role == ChatRole.User))
        && first is { AdditionalProperties: null or { Count: 0 }, RawRepresentation: null }
        && second is { AdditionalProperties: null or { Count: 0 }, RawRepresentation: null };

    private static bool IsOfOneAuthor(ChatMessage first, ChatMessage second) => string.Equals(first.AuthorName, second.AuthorName, StringComparison.Ordinal);

    // Clients that read a message as one text would join two words. A text of the line alone would be blank, which providers refuse, and the text before it remains as it was sent.
    private static IEnumerable<AIContent> Behind(ChatMessage first, ChatMessage second) =>
        first.Contents is [.., TextContent] && ChatPrefix.AsPlainText(second.Contents[0]) is { } text
            ? second.Contents.Skip(1).Prepend(ChatPrefix.WithText(text, $"\n\n{text.Text}"))
            : second.Contents;
}
