using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Prompts in the form that every provider accepts: system messages, a user message, and then roles that alternate; an answer is between a result and the question after it, and no message is empty.</summary>
/// <remarks>Prompts of a <see cref="ConversationChatClient"/> have that form already. Stateless, and therefore thread-safe.</remarks>
public static class ConversationChatPrompt
{
    /// <summary>Adds messages to a prompt, so that it keeps the form, or gets it: neighboring messages of one role and author become one, except those with properties for a provider's client. What means nothing to a model is left out: errors, and requests for approvals with their responses.</summary>
    /// <param name="prompt">The prompt, which is not changed; empty to give the form to other messages, such as those of <see cref="ConversationTurn.Prompt"/>.</param>
    /// <param name="messages">The messages, which are not changed. System messages are added behind the other system messages.</param>
    /// <returns>The prompt with the messages.</returns>
    public static IReadOnlyList<ChatMessage> Append(IEnumerable<ChatMessage> prompt, IEnumerable<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(messages);
        var before = prompt.ToLookup(static message => message.Role == ChatRole.System);
        var added = messages.ToLookup(static message => message.Role == ChatRole.System);
        return [.. before[true], .. added[true], .. ChatPrompt.Appended([.. before[false]], added[false])];
    }
}
