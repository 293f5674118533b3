namespace Conversations.Storage;

/// <summary>Where conversations are kept. The store stores; the manager decides.</summary>
/// <remarks>
/// <para>The rules are numbered in <c>docs/storage-contract.md</c>, cited here in brackets, and proved by the specification kit.
/// Arguments have been checked by the manager: names, keys and ids are well formed and without NUL, content is well-formed UTF-16 [9].</para>
/// <para>Every member is safe from any thread. Every member may throw <see cref="ConversationStoreException"/>,
/// <see cref="OperationCanceledException"/> before a write begins and never after it [12],
/// <see cref="ObjectDisposedException"/>, and <see cref="ArgumentException"/> for a new id that is in use [2.5]; nothing else. When to open what it keeps things in, in its constructor or at the first use, is the store's own choice.</para>
/// </remarks>
public interface IConversationStore : IAsyncDisposable, IDisposable
{
    /// <summary>Finds or creates the conversation, takes its lease, opens a run and saves the input: all or nothing [3].</summary>
    /// <param name="command">What is asked.</param>
    /// <param name="cancellationToken">Cancels before the write begins [12].</param>
    /// <returns>One of the outcomes; whatever is not <see cref="TurnBegun"/> has written nothing [3.1].</returns>
    ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default);

    /// <summary>Checks the fence, appends, updates the counters, closes the run and releases the lease: all or nothing [3], durable when it returns.</summary>
    /// <param name="command">What is asked.</param>
    /// <param name="cancellationToken">Cancels before the write begins [12].</param>
    /// <returns><see langword="false"/> if the lease is no longer the current one or was released; nothing is changed then [4].</returns>
    ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default);

    /// <summary>Lets a lease run for its whole duration from now.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="cancellationToken">Cancels before the write begins [12].</param>
    /// <returns><see langword="false"/> if the lease is no longer the current one or was released; nothing is changed then [4].</returns>
    ValueTask<bool> RenewLeaseAsync(TurnLease lease, CancellationToken cancellationToken = default);

    /// <summary>Reads the newest messages that may go to a model [7].</summary>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The messages, oldest first; empty if the conversation doesn't exist or is out of reach.</returns>
    ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default);

    /// <summary>Reads messages of any kind, from a position on, in either direction [8].</summary>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The messages in the order that was asked for; empty if the conversation doesn't exist or is out of reach.</returns>
    ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default);

    /// <summary>Reads one conversation.</summary>
    /// <param name="conversationId">Its id.</param>
    /// <param name="access">What the caller reaches [16].</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The conversation; <see langword="null"/> if it doesn't exist or is out of reach.</returns>
    ValueTask<Conversation?> GetConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default);

    /// <summary>Reads the conversation that a scope points to [5], whatever its status.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The conversation; <see langword="null"/> if the scope points to none.</returns>
    ValueTask<Conversation?> GetCurrentAsync(ConversationScope scope, CancellationToken cancellationToken = default);

    /// <summary>Lists conversations by last activity, newest first, then by id, greatest first [8].</summary>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>At most <see cref="ConversationListing.Limit"/> conversations.</returns>
    ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default);

    /// <summary>Reads one run.</summary>
    /// <param name="conversationId">The conversation it belongs to.</param>
    /// <param name="number">Its number.</param>
    /// <param name="access">What the caller reaches [16].</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The run; <see langword="null"/> if it doesn't exist or is out of reach.</returns>
    ValueTask<ConversationRun?> GetRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default);

    /// <summary>Lists the runs of a conversation by number, newest first [8.6].</summary>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>At most <see cref="RunListing.Limit"/> runs; empty if the conversation doesn't exist or is out of reach.</returns>
    ValueTask<IReadOnlyList<ConversationRun>> ListRunsAsync(RunListing query, CancellationToken cancellationToken = default);

    /// <summary>Creates a conversation, with messages of the past if there are any: all or nothing [3].</summary>
    /// <param name="command">What is asked.</param>
    /// <param name="cancellationToken">Cancels before the write begins [12].</param>
    /// <returns>The conversation.</returns>
    ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default);

    /// <summary>Changes a conversation's title or status. A lease is neither needed nor touched.</summary>
    /// <param name="conversationId">Its id.</param>
    /// <param name="access">What the caller reaches [16].</param>
    /// <param name="change">What changes.</param>
    /// <param name="cancellationToken">Cancels before the write begins [12].</param>
    /// <returns>The conversation as it is now; <see langword="null"/> if it doesn't exist or is out of reach.</returns>
    ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default);

    /// <summary>Deletes a conversation with its messages and runs [13]. An open turn of it loses its lease.</summary>
    /// <param name="conversationId">Its id.</param>
    /// <param name="access">What the caller reaches [16].</param>
    /// <param name="cancellationToken">Cancels before the write begins [12].</param>
    /// <returns><see langword="false"/> if it didn't exist or is out of reach.</returns>
    ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default);

    /// <summary>Something that a store may have beyond this contract, such as <see cref="IConversationSummaryStore"/>.</summary>
    /// <typeparam name="T">The interface of the feature.</typeparam>
    /// <returns>The feature; <see langword="null"/> if the store does not have it. Unless overridden, a store has what it implements.</returns>
    T? GetFeature<T>()
        where T : class => this as T;

    /// <summary>Deletes one message; its position stays empty [2, 13]. A lease is neither needed nor touched.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="position">The message's position.</param>
    /// <param name="access">What the caller reaches [16].</param>
    /// <param name="cancellationToken">Cancels before the write begins [12].</param>
    /// <returns><see langword="false"/> if it didn't exist or is out of reach.</returns>
    ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default);
}
