using System.Text;

namespace Conversations;

/// <summary>A summary, which replaces the beginning of a conversation in prompts. The messages that it covers remain stored.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record ConversationSummary
{
    /// <summary>Gets the id of the conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Gets the position of the last message that the summary covers. It also covers all earlier messages.</summary>
    public required long Through { get; init; }

    /// <summary>Gets the number of messages that the summary covers. Together with <see cref="Through"/> it identifies a summary of the conversation.</summary>
    public required long MessageCount { get; init; }

    /// <summary>Gets the text; never blank.</summary>
    public required string Text { get; init; }

    /// <summary>Gets the number of tokens; <see langword="null"/> if it was not counted.</summary>
    public TokenAmount? Tokens { get; init; }

    /// <summary>Gets when the summary was saved (UTC).</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    // The text contains no content, so that it is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, $"{ConversationId} 1-{Through}");
}
