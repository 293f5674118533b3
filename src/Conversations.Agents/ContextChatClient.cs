using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Adds the messages of context providers to a prompt, which are not part of the conversation.</summary>
internal sealed class ContextChatClient(IChatClient model, IReadOnlyList<ChatMessage> context) : DelegatingChatClient(model)
{
    public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(ConversationChatPrompt.Append(messages, context), options, cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetStreamingResponseAsync(ConversationChatPrompt.Append(messages, context), options, cancellationToken);
}
