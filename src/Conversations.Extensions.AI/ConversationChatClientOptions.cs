using System.Text.Json;

namespace Conversations;

/// <summary>How a <see cref="ConversationChatClient"/> works. Read once, when the client is made; later changes have no effect.</summary>
/// <remarks>Not safe from several threads at once.</remarks>
public sealed class ConversationChatClientOptions
{
    /// <summary>How contents are written that have no form of their own in a conversation, arguments and results of functions among them; <see langword="null"/>, as it is unless set, for the
    /// settings of Microsoft.Extensions.AI. A host adds content types of its own to a copy of <c>AIJsonUtilities.DefaultOptions</c> (<c>AddAIContentType</c>).</summary>
    /// <remarks>A copy is taken. It is never indented, and a type's discriminator is found wherever it stands in the object.</remarks>
    public JsonSerializerOptions? JsonSerializerOptions { get; set; }

    /// <summary>What is done about a provider that keeps conversations itself; <see cref="ProviderHistory.Ignore"/> unless set. Never are there two histories in a prompt.</summary>
    public ProviderHistory ProviderHistory { get; set; }
}
