using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Makes summarizers of chat clients.</summary>
public static class ChatClientSummarizerExtensions
{
    /// <summary>Makes a summarizer, for <see cref="AgentOptions.Summarizer"/>.</summary>
    /// <param name="chatClient">The client that asks the model; it is not disposed by the summarizer.</param>
    /// <param name="options">How the model is asked; <see langword="null"/> for as usual.</param>
    /// <returns>The summarizer.</returns>
    /// <exception cref="ArgumentException">The instructions are blank, or the client has conversations itself.</exception>
    public static ChatClientSummarizer AsConversationSummarizer(this IChatClient chatClient, ChatClientSummarizerOptions? options = null) => new(chatClient, options);
}
