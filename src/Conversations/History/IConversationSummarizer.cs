using System.Text;

namespace Conversations;

/// <summary>Summarizes the beginning of a conversation, for example with a model. The host implements it.</summary>
/// <remarks>Implementations must be thread-safe. The library calls them after a commit, without a lease; other turns can run at the same time.</remarks>
public interface IConversationSummarizer
{
    /// <summary>Creates a summary.</summary>
    /// <param name="request">The content to summarize.</param>
    /// <param name="cancellationToken">Cancelled after <see cref="AgentOptions.SummaryTimeout"/>.</param>
    /// <returns>The new summary, which replaces the last one and the messages, and what it used. A blank one is rejected, and so is one that costs more than half of the agent's limit of tokens;
    /// in this case, or if it fails, the library tries again after a later turn. What is returned is recorded as a run (<see cref="RunKind.Summary"/>) in any case; an exception is not.</returns>
    Task<SummaryResult> SummarizeAsync(SummaryRequest request, CancellationToken cancellationToken = default);
}

/// <summary>The request to a summarizer.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record SummaryRequest
{
    /// <summary>Gets the agent.</summary>
    public required string Agent { get; init; }

    /// <summary>Gets the id of the conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Gets the last summary; <see langword="null"/> if there is none.</summary>
    public string? PreviousSummary { get; init; }

    /// <summary>Gets the messages since the last summary, oldest first, without errors and with a placeholder for each missing tool result. There are at most 200, within the agent's token limit unless one exchange exceeds it. The next request contains the rest.</summary>
    public required IReadOnlyList<ConversationMessage> Messages { get; init => field = ReadOnly.Of(value); }

    /// <summary>Gets the maximum number of tokens that the summary should have: a quarter of the agent's token limit; <see langword="null"/> if there is no limit.
    /// A summary that leaves no room for the turn's own messages is not shown.</summary>
    public int? TokenLimit { get; init; }

    // The text contains no content, so that it is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, $"{Agent} {ConversationId}");
}
