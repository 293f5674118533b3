namespace Conversations;

/// <summary>Summarises the beginning of a conversation, with a model, say. The host brings it.</summary>
/// <remarks>Thread-safe. Called after a commit, outside the conversation's lock; turns go on meanwhile.</remarks>
public interface IConversationSummarizer
{
    /// <summary>Summarises.</summary>
    /// <param name="request">What is to be summarised.</param>
    /// <param name="cancellationToken">Cancelled when <see cref="AgentOptions.SummaryTimeout"/> is over.</param>
    /// <returns>The new summary, which stands for the last one and the messages. A blank one is refused, and one that costs more than half of the agent's limit of tokens;
    /// after that, or if it fails, it is asked again after a later turn.</returns>
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

    /// <summary>The messages since, oldest first, errors left out and a stand-in for each tool result that is missing, as a model accepts them: at most 200, and no more than the agent's limit of tokens, unless one exchange alone is. The rest comes with the next request.</summary>
    public required IReadOnlyList<ConversationMessage> Messages { get; init; }

    /// <summary>How many tokens the summary should cost at the most: a quarter of the agent's limit. <see langword="null"/> if it has none.
    /// One that leaves no room for the turn's own messages is not shown.</summary>
    public int? TokenLimit { get; init; }

    /// <summary>What is safe to log: the agent and the conversation, no content.</summary>
    /// <returns>The agent and the conversation's id.</returns>
    public override string ToString() => $"{Agent} {ConversationId}";
}
