using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Extension methods that convert messages of Microsoft.Extensions.AI to messages of a conversation and back, for hosts that read or import histories.</summary>
/// <remarks>Stateless, and therefore thread-safe.</remarks>
public static class ConversationChatMessageExtensions
{
    /// <summary>Converts a stored message to a chat message. Every message can be converted: unknown or damaged content becomes an <see cref="UnknownContent"/>.</summary>
    /// <param name="message">The message.</param>
    /// <param name="serializerOptions">The options with which the host's types are registered (<see cref="AIJsonUtilities.AddAIContentType{TContent}"/>). Only their contracts and converters are used.
    /// Pass the same read-only options each time, so that the metadata of the types is cached. <see langword="null"/> for the types of the abstractions.</param>
    /// <returns>The message, with the id and time of the stored one. Its <see cref="ChatMessage.RawRepresentation"/> is <paramref name="message"/>.</returns>
    public static ChatMessage ToChatMessage(this ConversationMessage message, JsonSerializerOptions? serializerOptions = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        return ChatContent.For(serializerOptions).ToChatMessage(message);
    }

    /// <summary>Converts a chat message to a message to store. Every message can be converted: a value that cannot be written as JSON is replaced by the name of its .NET type.</summary>
    /// <param name="message">The message. The role <c>developer</c> is stored as system, and any other role that conversations do not have as user; both are restored when the message is read.</param>
    /// <param name="serializerOptions">The options with which the host's types are registered, as for <see cref="ToChatMessage"/>.</param>
    /// <returns>The message, with the time of <paramref name="message"/> and without its id, which the conversation assigns.</returns>
    public static ConversationMessage ToConversationMessage(this ChatMessage message, JsonSerializerOptions? serializerOptions = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        return ChatContent.For(serializerOptions).ToMessage(message, ChatRoles.Of(message.Role)) with { CreatedAt = message.CreatedAt };
    }
}
