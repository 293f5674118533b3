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
        shown.Contents = message.Contents is [TextContent { RawRepresentation: null } text, ..] && text.GetType() == typeof(TextContent)
            ? [new TextContent(prefix + text.Text) { Annotations = text.Annotations, AdditionalProperties = text.AdditionalProperties }, .. message.Contents.Skip(1)]
            : [new TextContent(prefix.TrimEnd()), .. message.Contents];
        return shown;
    }
}
