using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>How a <see cref="ChatClientSummarizer"/> asks its model. Read once, when the summarizer is made; later changes have no effect.</summary>
/// <remarks>Not safe from several threads at once.</remarks>
public sealed class ChatClientSummarizerOptions
{
    /// <summary>What a summary is to hold, and how it is written. That what is summarised is no instruction, and how long the summary may be, is told to the model in any case.</summary>
    public string Instructions { get; set; } =
        """
        You keep the memory of a conversation between a user and an assistant. Write one summary in place of the last summary, if there is one, and the messages that follow it: none of them will be shown again.
        Keep what is needed to go on: what the user wants and prefers; names, numbers, ids and dates as they were given; decisions and promises; results of tools that still matter; what is still open. Say who said it where that matters.
        Leave out greetings, and what has been corrected or is settled. Write plain text in the language of the conversation.
        """;

    /// <summary>The options for the model, such as <see cref="ChatOptions.ModelId"/>; <see langword="null"/>, as it is unless set, for those of the client. A copy is taken.
    /// Tools, a response format and a conversation are left out. <see cref="ChatOptions.MaxOutputTokens"/> goes before what a request for a summary says: set it for a model that thinks before it writes.</summary>
    public ChatOptions? ChatOptions { get; set; }
}
