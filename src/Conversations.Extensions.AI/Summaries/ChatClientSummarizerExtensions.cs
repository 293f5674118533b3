using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Extension methods that create summarizers from chat clients.</summary>
public static class ChatClientSummarizerExtensions
{
    /// <summary>Creates a summarizer for <see cref="AgentOptions.Summarizer"/>.</summary>
    /// <param name="chatClient">The client that calls the model. The summarizer does not dispose it.</param>
    /// <param name="options">The options of the summarizer; <see langword="null"/> for the defaults.</param>
    /// <returns>The summarizer.</returns>
    /// <exception cref="ArgumentException">The instructions are blank, or the client has conversations.</exception>
    public static ChatClientSummarizer AsConversationSummarizer(this IChatClient chatClient, ChatClientSummarizerOptions? options = null) => new(chatClient, options);
}
