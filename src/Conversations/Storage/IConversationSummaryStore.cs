namespace Conversations.Storage;

/// <summary>A feature that a store may have: it keeps summaries beside the messages that they cover [18]. Found by <see cref="IConversationStore.GetFeature{T}"/>.</summary>
/// <remarks>Every member is safe from any thread, and throws what the members of <see cref="IConversationStore"/> throw.</remarks>
public interface IConversationSummaryStore
{
    /// <summary>Reads the newest summary of those that cover only messages before a position.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="access">What the caller reaches [16].</param>
    /// <param name="before">The position.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The summary; <see langword="null"/> if there is none, or the conversation doesn't exist or is out of reach.</returns>
    ValueTask<ConversationSummary?> GetSummaryAsync(string conversationId, ConversationAccess access, long before, CancellationToken cancellationToken = default);

    /// <summary>Saves a summary, if what it was made from is still what stands there [18.2]. A lease is neither needed nor touched.</summary>
    /// <param name="command">What is asked.</param>
    /// <param name="cancellationToken">Cancels before the write begins [12].</param>
    /// <returns><see langword="false"/> if nothing was saved: another summary came first, something that it covers was deleted, or the conversation doesn't exist or is out of reach.</returns>
    ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default);
}
