using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The authors of users' messages in a prompt. Some providers read the name of a message; to the others it is shown in front of the text.</summary>
internal static class ChatAuthors
{
    /// <summary>Returns new messages with the authors under whom they are stored. The messages of the caller are not changed.</summary>
    /// <param name="given">The messages, as the caller passed them.</param>
    /// <param name="input">The same messages, as they are stored.</param>
    public static IEnumerable<ChatMessage> Of(IReadOnlyList<ChatMessage> given, IReadOnlyList<ConversationMessage> input) =>
        given.Zip(input, static (message, stored) => string.Equals(message.AuthorName, stored.AuthorName, StringComparison.Ordinal) ? message : Named(message, stored.AuthorName));

    /// <summary>Returns a message whose text begins with the name of its author, if it is a user's message with one.</summary>
    public static ChatMessage InText(ChatMessage message) =>
        message.Role == ChatRole.User && OfOneLine(message.AuthorName) is { Length: > 0 } name ? ChatPrefix.Of(message, name + ": ") : message;

    /// <summary>Returns the name in front of a text; the text alone if there is no name.</summary>
    public static string InText(string? author, string text) => OfOneLine(author) is { Length: > 0 } name ? $"{name}: {text}" : text;

    // A name with a line break could look like a message of another author.
    private static string OfOneLine(string? name) => name is null ? ""
        : string.Join(' ', string.Concat(name.Select(static letter => char.IsControl(letter) ? ' ' : letter)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static ChatMessage Named(ChatMessage message, string? author)
    {
        var named = message.Clone();
        named.AuthorName = author;
        return named;
    }
}
