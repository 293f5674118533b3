using System.Text.Json;

namespace Conversations;

/// <summary>Configures a <see cref="ConversationChatClient"/>. The options are read when the client is created; later changes have no effect.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class ConversationChatClientOptions
{
    /// <summary>Gets or sets the options for contents that are stored as JSON, such as arguments and results of functions; the default is <see langword="null"/>, for the options of Microsoft.Extensions.AI.
    /// To add content types, call <c>AddAIContentType</c> on a copy of <c>AIJsonUtilities.DefaultOptions</c>.</summary>
    /// <remarks>The options are copied. The JSON is never indented, and the type discriminator is found at any place in the object.</remarks>
    public JsonSerializerOptions? JsonSerializerOptions { get; set; }

    /// <summary>Gets or sets what to do if the provider keeps conversations itself; the default is <see cref="ProviderHistory.Ignore"/>. A prompt never contains two histories.</summary>
    public ProviderHistory ProviderHistory { get; set; }
}
