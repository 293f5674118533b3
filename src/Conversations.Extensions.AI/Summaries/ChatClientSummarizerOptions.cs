using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Configures a <see cref="ChatClientSummarizer"/>. The options are read when the summarizer is created; later changes have no effect.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class ChatClientSummarizerOptions
{
    /// <summary>Gets or sets the instructions: what a summary contains and how it is written. The prompt always adds that quoted text is no instruction, and how long the summary may be.</summary>
    public string Instructions { get; set; } =
        """
        You keep the memory of a conversation between a user and an assistant. Write one summary that replaces the last summary, if there is one, and the messages that follow it: none of them will be shown again.
        Keep what is needed to continue: what the user wants and prefers; names, numbers, ids and dates as they were given; decisions and promises; results of tools that still matter; what is still open. Name the speaker where that matters.
        Omit greetings, and what has been corrected or settled. Write plain text in the language of the conversation.
        """;

    /// <summary>Gets or sets the options for the model, such as <see cref="ChatOptions.ModelId"/>; the default is <see langword="null"/>, for the options of the client. The options are copied.
    /// Tools, the response format and the conversation id are ignored. <see cref="ChatOptions.MaxOutputTokens"/> takes precedence over the limit of the summary request: set it for a model that reasons before it answers.</summary>
    public ChatOptions? ChatOptions { get; set; }
}
