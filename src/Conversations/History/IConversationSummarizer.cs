namespace Conversations;

/// <summary>Summarises the beginning of a conversation, with a model, say. The host brings it.</summary>
/// <remarks>Thread-safe. Called after a commit, outside the conversation's lock; turns go on meanwhile.</remarks>
public interface IConversationSummarizer
{
    /// <summary>Summarises.</summary>
    /// <param name="request">What is to be summarised.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The new summary, which stands for the last one and the messages. A blank one is refused; if it fails, it is asked again after a later turn.</returns>
    Task<string> SummarizeAsync(SummaryRequest request, CancellationToken cancellationToken = default);
}

/// <summary>What a summarizer is asked.</summary>
/// <remarks>Immutable, so safe from any thread.</remarks>
public sealed record SummaryRequest
{
    /// <summary>The agent.</summary>
    public required string Agent { get; init; }

    /// <summary>The conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>The last summary; <see langword="null"/> if there is none yet.</summary>
    public string? PreviousSummary { get; init; }

    /// <summary>The messages since, oldest first, errors left out.</summary>
    public required IReadOnlyList<ConversationMessage> Messages { get; init; }

    /// <summary>How many tokens the summary should cost at the most: a quarter of the agent's limit. <see langword="null"/> if it has none.
    /// A summary that leaves no room for the turn's own messages is not shown.</summary>
    public int? TokenLimit { get; init; }

    /// <summary>What is safe to log: the agent and the conversation, no content.</summary>
    /// <returns>The agent and the conversation's id.</returns>
    public override string ToString() => $"{Agent} {ConversationId}";
}
