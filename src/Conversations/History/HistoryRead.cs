namespace Conversations;

/// <summary>What was read of a history.</summary>
/// <param name="Messages">The messages, oldest first.</param>
/// <param name="After">The position after which was read: where the summary ends; 0 without one.</param>
/// <param name="Before">The position before which was read.</param>
internal sealed record HistoryRead(IReadOnlyList<ConversationMessage> Messages, long After, long Before)
{
    public static HistoryRead Nothing { get; } = new([], 0, 1);

    /// <summary>Whether there may be older messages that were not read.</summary>
    public bool IsCut { get; init; }

    /// <summary>Whether it was the number of tokens that ended the reading.</summary>
    public bool IsCutByTokens { get; init; }

    /// <summary>What stands for the messages up to <see cref="After"/>.</summary>
    public ConversationSummary? Summary { get; init; }

    /// <summary>What was read and is of no use: what an earlier run of the same request left half done.</summary>
    public IReadOnlyList<WindowOmission> Omissions { get; init; } = [];

    public static ConversationMessage MessageOf(ConversationSummary summary) =>
        ConversationMessage.User($"[Summary of the conversation so far]\n{summary.Text}") with { CreatedAt = summary.CreatedAt, Tokens = summary.Tokens };
}
