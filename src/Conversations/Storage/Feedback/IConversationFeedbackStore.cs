namespace Conversations.Storage;

/// <summary>An optional feature of a store: it keeps the feedback of callers on messages [16].</summary>
/// <remarks>See <see cref="IConversationStore.GetFeature{T}"/>. Feedback is written with <see cref="ConversationWrite.Feedback"/>; the library gives a store without the feature none.
/// Members are thread-safe and throw what members of <see cref="IConversationStore"/> throw.</remarks>
public interface IConversationFeedbackStore
{
    /// <summary>Reads feedback, newest first [16.2].</summary>
    /// <param name="range">The feedback to read.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The feedback; empty if there is none, or the conversation does not exist or is out of reach.</returns>
    ValueTask<IReadOnlyList<MessageFeedback>> ReadFeedbackAsync(FeedbackRange range, CancellationToken cancellationToken = default);
}
