using System.Collections.ObjectModel;
using Conversations.Storage;

namespace Conversations;

/// <summary>The part of a history that was read.</summary>
/// <param name="Messages">The messages, oldest first.</param>
/// <param name="After">The position after which messages were read: the end of the summary, or 0 without one.</param>
/// <param name="Before">The position before which messages were read.</param>
internal sealed record HistoryRead(IReadOnlyList<StoredMessage> Messages, long After, long Before)
{
    public static HistoryRead Nothing { get; } = new([], 0, 1);

    /// <summary>Gets the position from which on messages are shown, if they fit: where the window was cut before, or the position after <see cref="After"/>.</summary>
    public long From { get; init; } = After + 1;

    /// <summary>Gets the user message that precedes <see cref="Messages"/>, counted, if these begin in the middle of an exchange; null if they do not, or there is none.</summary>
    public StoredMessage? Question { get; init; }

    /// <summary>Gets the models of the runs whose messages only their model can read; empty if there are no such messages.</summary>
    public IReadOnlyDictionary<long, string?> Models { get; init; } = ReadOnlyDictionary<long, string?>.Empty;

    /// <summary>Gets whether there are older messages from <see cref="From"/> on that were not read.</summary>
    public bool IsCut { get; init; }

    /// <summary>Gets whether the token limit ended the read.</summary>
    public bool IsCutByTokens { get; init; }

    /// <summary>The summary of the messages up to <see cref="After"/>.</summary>
    public ConversationSummary? Summary { get; init; }

    /// <summary>The positions of the input, if it was read. The input is not part of the history.</summary>
    public (long From, long To) Input { get; init; } = (0, 0);

    /// <summary>Gets the new counts of messages that the counter had not counted.</summary>
    public IReadOnlyList<TokenRecount> Recounts { get; init; } = [];

    /// <summary>Gets the ranges that are not shown for a reason of their own: partial output of an earlier run of the same request, and failed input.</summary>
    public IReadOnlyList<ExcludedRange> Excluded { get; init; } = [];

    /// <summary>The message for a summary in prompts. Its role is user, not system: it contains content of users and must not have more authority.</summary>
    public static ConversationMessage MessageOf(string summary) => ConversationMessage.User($"[Summary of the conversation so far]\n{summary}");
}
