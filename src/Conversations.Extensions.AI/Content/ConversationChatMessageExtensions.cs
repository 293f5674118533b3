using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Makes messages of Microsoft.Extensions.AI of those of a conversation and back, for hosts that read histories or import them.</summary>
/// <remarks>Stateless, so safe from any thread.</remarks>
public static class ConversationChatMessageExtensions
{
    /// <summary>Makes of a stored message what it was made of. Whatever stands in it, it can be read: what is unknown or damaged is an <see cref="UnknownContent"/>.</summary>
    /// <param name="message">The message.</param>
    /// <param name="serializerOptions">Where the host's own types are registered (<see cref="AIJsonUtilities.AddAIContentType{TContent}"/>); their contracts and converters are taken from it, no other setting.
    /// Pass read-only options, the same each time, so that what was learnt of the types is kept. <see langword="null"/> for the abstractions' types.</param>
    /// <returns>The message. Its id and its time are the conversation's; its <see cref="ChatMessage.RawRepresentation"/> is <paramref name="message"/>.</returns>
    public static ChatMessage ToChatMessage(this ConversationMessage message, JsonSerializerOptions? serializerOptions = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        return ChatContent.For(serializerOptions).ToChatMessage(message);
    }

    /// <summary>Makes a message to be stored. Whatever stands in it, it can be stored: of what cannot be written as JSON, the name of its .NET type is kept.</summary>
    /// <param name="message">The message. A role that a conversation doesn't have is the user's, but for <c>developer</c>, which is the system's; it comes back as it was.</param>
    /// <param name="serializerOptions">As in <see cref="ToChatMessage"/>.</param>
    /// <returns>The message, with the time of <paramref name="message"/> and without its id, which is the conversation's to give.</returns>
    public static ConversationMessage ToConversationMessage(this ChatMessage message, JsonSerializerOptions? serializerOptions = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        return ChatContent.For(serializerOptions).ToMessage(message, ChatRoles.Of(message.Role)) with { CreatedAt = message.CreatedAt };
    }
}
