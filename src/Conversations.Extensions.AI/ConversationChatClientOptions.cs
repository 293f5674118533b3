using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Configures a <see cref="ConversationChatClient"/>. The options are read when the client is created; later changes have no effect.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class ConversationChatClientOptions
{
    /// <summary>Gets or sets the options for contents that are stored as JSON, such as arguments and results of functions; the default is <see langword="null"/>, for the options of Microsoft.Extensions.AI.
    /// To add content types, call <c>AddAIContentType</c> on a copy of <c>AIJsonUtilities.DefaultOptions</c>.</summary>
    /// <remarks>The options are copied. The JSON is never indented, and the type discriminator is found at any place in the object.</remarks>
    public JsonSerializerOptions? JsonSerializerOptions { get; set; }

    /// <summary>Gets or sets what to do if the ids of a request end before the conversation does: an answer follows the last message whose id the caller sent. Either the caller dropped it, as a user interface does when a user edits an earlier message,
    /// or it does not know it, because another device added it. The default is <see cref="EarlierMessagePolicy.Refuse"/>, which throws a <see cref="HistoryOutdatedException"/>. See <see cref="TurnRequest.AfterMessageId"/>.</summary>
    /// <remarks>A request without ids is not affected: its messages follow whatever is there. To edit the first message of a conversation, set <see cref="ConversationChatOptions.ReplaceMessageId"/>, which does not depend on this policy.</remarks>
    public EarlierMessagePolicy OnEarlierMessage { get; set; }

    /// <summary>Gets or sets whether the text of a user's message begins with the name of its author in prompts, as in <c>ada: Is it repaired?</c>; the default is <see langword="true"/>. It has no effect on messages without an author.
    /// The inner client gets the name as <see cref="ChatMessage.AuthorName"/> in any case, but most providers have no place for it. Set <see langword="false"/> if yours has one, or if your texts contain the names already.</summary>
    /// <remarks>Messages are stored as they were sent. While the names are in the texts, neighboring messages of several authors are one message, whose <see cref="ChatMessage.AuthorName"/> is <see langword="null"/>, because some providers accept no two messages of users in a row.</remarks>
    public bool AuthorsInText { get; set; } = true;

    /// <summary>Gets or sets what to do if the provider keeps conversations itself; the default is <see cref="ProviderHistory.Ignore"/>. A prompt never contains two histories.</summary>
    public ProviderHistory ProviderHistory { get; set; }
}
