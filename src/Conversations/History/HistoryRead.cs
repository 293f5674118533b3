using Conversations.Storage;

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

    /// <summary>Where the input stands, if that is among what was read; it is not part of the history.</summary>
    public (long From, long To) Input { get; init; } = (0, 0);

    /// <summary>The new counts of those messages that had none of the counter.</summary>
    public IReadOnlyList<MessageRecount> Recounts { get; init; } = [];

    /// <summary>What was read and is of no use: what an earlier run of the same request left half done.</summary>
    public IReadOnlyList<ExcludedRange> Excluded { get; init; } = [];

    /// <summary>What a model sees of a summary. It speaks for the user, not for the system: it holds what users said, and must not weigh more than that.</summary>
    public static ConversationMessage MessageOf(string summary) => ConversationMessage.User($"[Summary of the conversation so far]\n{summary}");
}
