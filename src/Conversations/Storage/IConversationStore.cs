namespace Conversations.Storage;

/// <summary>Stores conversations. The library decides what to write; a store loads state and applies writes conditionally.</summary>
/// <remarks>
/// <para>The numbers in brackets refer to the rules in <c>docs/storage-contract.md</c>, which the specification kit tests. The library has checked the arguments:
/// names, keys and ids are well-formed and contain no NUL; content is well-formed UTF-16.</para>
/// <para>All members are thread-safe. A member throws <see cref="ConversationStoreException"/> if the store fails, <see cref="OperationCanceledException"/>
/// if it is canceled before a write begins [10], <see cref="ObjectDisposedException"/> after disposal, and no other exceptions.</para>
/// </remarks>
public interface IConversationStore : IAsyncDisposable, IDisposable
{
    /// <summary>Loads everything that a decision needs, as of one moment [3].</summary>
    /// <param name="lookup">What to load.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The state, with the time of the store's clock. What does not exist, or is out of reach, is <see langword="null"/> in it.</returns>
    ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default);

    /// <summary>Applies the whole batch if each conversation in it still has the version that was read; otherwise nothing [2].</summary>
    /// <param name="batch">What to write.</param>
    /// <param name="cancellationToken">Cancels before the write begins [10].</param>
    /// <returns><see langword="true"/> if the batch was applied; <see langword="false"/> if a condition does not hold and nothing was written.</returns>
    ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default);

    /// <summary>Reads messages of a conversation in the order of their positions [4, 5].</summary>
    /// <param name="range">The messages to read.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The messages in the requested direction; empty if the conversation does not exist or is out of reach.</returns>
    ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default);

    /// <summary>Reads runs of a conversation, newest first, the open run included [5].</summary>
    /// <param name="range">The runs to read.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The runs; empty if the conversation does not exist or is out of reach.</returns>
    ValueTask<IReadOnlyList<StoredRun>> ReadRunsAsync(RunRange range, CancellationToken cancellationToken = default);

    /// <summary>Lists conversations by last activity, newest first, then by id in descending ordinal order [5].</summary>
    /// <param name="listing">The conversations to list.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>At most <see cref="ConversationListing.Limit"/> conversations.</returns>
    ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing listing, CancellationToken cancellationToken = default);

    /// <summary>Deletes a conversation with its messages, runs, summaries and segments [11]. A pointer to it is cleared.</summary>
    /// <param name="conversationId">The id of the conversation.</param>
    /// <param name="access">What the caller can reach.</param>
    /// <param name="cancellationToken">Cancels before the write begins [10].</param>
    /// <returns><see langword="false"/> if the conversation does not exist or is out of reach.</returns>
    ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default);

    /// <summary>Checks that the store is readable and writable.</summary>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <returns>A task that completes if the store is readable and writable.</returns>
    /// <exception cref="ConversationStoreException">The store cannot be read or written to.</exception>
    ValueTask PingAsync(CancellationToken cancellationToken = default);

    /// <summary>Gets an optional feature, such as <see cref="IConversationStreamStore"/>.</summary>
    /// <typeparam name="T">The interface of the feature.</typeparam>
    /// <returns>The feature, or <see langword="null"/> if the store does not have it. The default returns the store itself if it implements <typeparamref name="T"/>. A store that wraps another one overrides it.</returns>
    T? GetFeature<T>()
        where T : class => this as T;
}
