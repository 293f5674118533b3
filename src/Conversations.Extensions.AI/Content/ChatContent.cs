using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Translates between the messages of Microsoft.Extensions.AI and those of a conversation, so that nothing is lost on the way there and back.</summary>
/// <remarks>Safe from any thread.</remarks>
#pragma warning disable CA1822
internal sealed class ChatContent(JsonSerializerOptions? options)
{
    private readonly JsonSerializerOptions? _options = options;

    /// <summary>Makes a message to be stored.</summary>
    public ConversationMessage ToMessage(ChatMessage message, MessageRole role) => new(role, ToParts(message.Contents));

    /// <summary>Makes parts of contents; empty if there are none.</summary>
    public IReadOnlyList<ContentPart> ToParts(IEnumerable<AIContent> contents) => [.. contents.OfType<TextContent>().Select(text => new TextPart(text.Text))];

    /// <summary>Makes of a stored message what it was made of.</summary>
    public ChatMessage ToChatMessage(ConversationMessage message) => new(message.Role == MessageRole.User ? ChatRole.User : ChatRole.Assistant, message.Text) { MessageId = message.Id };
}
