using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The message with a schema that <c>GetResponseAsync&lt;T&gt;</c> of Microsoft.Extensions.AI adds for a model without structured output. No user wrote it: it goes to the model and is not stored.</summary>
internal static class SchemaPrompt
{
    private const string Beginning = "Respond with a JSON value conforming to the following schema:";

    /// <summary>Returns whether the last message of a request that has more than this message is such a message: the request is for JSON, and its options have no schema.</summary>
    public static bool IsOne(ChatMessage message, ChatOptions? options) =>
        options?.ResponseFormat is ChatResponseFormatJson { Schema: null }
        && message.Role == ChatRole.User && message.MessageId is null
        && message.Contents is [TextContent { Text: var text }] && text.StartsWith(Beginning, StringComparison.Ordinal);
}
