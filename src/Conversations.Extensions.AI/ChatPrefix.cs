using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>What precedes the text of a user's message in a prompt, such as the name of its author.</summary>
internal static class ChatPrefix
{
    /// <summary>Returns a message whose text begins with a prefix. The message itself is not changed. Responses are for the client that invokes functions, and what a provider's client wrote is for that client: they are returned as they are.</summary>
    /// <param name="message">The message.</param>
    /// <param name="prefix">The prefix. It is the whole text of a message that begins with other content.</param>
    public static ChatMessage Of(ChatMessage message, string prefix)
    {
        if (message.RawRepresentation is not null || message.Contents.Count == 0 || message.Contents.Any(static content => content is InputResponseContent))
            return message;

        var shown = message.Clone();
        shown.Contents = AsPlainText(message.Contents[0]) is { } text
            ? [WithText(text, prefix + text.Text), .. message.Contents.Skip(1)]
            : [new TextContent(prefix.TrimEnd()), .. message.Contents];
        return shown;
    }

    /// <summary>Returns the content as text that can be changed; null if it is something else, or what a provider's client wrote.</summary>
    public static TextContent? AsPlainText(AIContent content) => content is TextContent { RawRepresentation: null } text && text.GetType() == typeof(TextContent) ? text : null;

    /// <summary>Returns a copy of the content with another text.</summary>
    public static TextContent WithText(TextContent content, string text) => new(text) { Annotations = content.Annotations, AdditionalProperties = content.AdditionalProperties };
}
