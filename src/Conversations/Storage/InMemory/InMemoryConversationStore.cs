using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations;

/// <summary>Stores conversations in the memory of the process: for tests, for trials, and where nothing must outlive the process.</summary>
/// <remarks>It fulfills every rule of the storage contract except durability. Thread-safe; every member completes synchronously. Conversations of
/// different scopes never wait for each other. A turn and a read cost the same regardless of the length of the history;
/// a listing looks at every conversation of the store.</remarks>
public sealed partial class InMemoryConversationStore : IConversationStore
{
    private readonly TimeProvider _timeProvider;
    private readonly ConversationTable _table = new();
    private readonly ConcurrentDictionary<string, ScopeEntry> _scopes = new(StringComparer.Ordinal);
    private volatile bool _disposed;

    /// <summary>Initializes an empty store.</summary>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system clock.</param>
    public InMemoryConversationStore(TimeProvider? timeProvider = null) => _timeProvider = timeProvider ?? TimeProvider.System;

    /// <inheritdoc/>
    ValueTask<ConversationState> IConversationStore.LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lookup);
        return RunAsync(lookup, static (store, lookup, _) => store.Load(lookup), cancellationToken);
    }

    /// <inheritdoc/>
    ValueTask<bool> IConversationStore.TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return RunAsync(batch, static (store, batch, token) => store.TryWrite(batch, token), cancellationToken);
    }

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<StoredMessage>> IConversationStore.ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(range);
        return RunAsync(range, static (store, range, _) => store.Read(range.ConversationId, range.Access, range, static (entry, range) => entry.Messages.Read(range)), cancellationToken);
    }

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<StoredRun>> IConversationStore.ReadRunsAsync(RunRange range, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(range);
        return RunAsync(range, static (store, range, _) => store.Read(range.ConversationId, range.Access, range, static (entry, range) => entry.ReadRuns(range)), cancellationToken);
    }

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<Conversation>> IConversationStore.ListConversationsAsync(ConversationListing listing, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(listing);
        return RunAsync(listing, static IReadOnlyList<Conversation> (store, listing, _) => store._table.List(listing), cancellationToken);
    }

    /// <inheritdoc/>
    ValueTask<bool> IConversationStore.DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(conversationId);
        ArgumentNullException.ThrowIfNull(access);
        return RunAsync((conversationId, access), static (store, asked, token) => store.Delete(asked.conversationId, asked.access, token), cancellationToken);
    }

    /// <inheritdoc/>
    async ValueTask IConversationStore.PingAsync(CancellationToken cancellationToken) =>
        await RunAsync(true, static (_, isReadable, _) => isReadable, cancellationToken).ConfigureAwait(false);

    /// <summary>Disposes the store and discards its content.</summary>
    public void Dispose() => _disposed = true;

    /// <inheritdoc cref="Dispose"/>
    /// <returns>A completed task.</returns>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    // The clock is read under the gate of the scope: a time that was read before waiting for it could be earlier than what was written meanwhile.
    private ConversationState Load(ConversationLookup lookup)
    {
        var named = lookup.ConversationId is { } id ? _table.Find(id, lookup.Access) : null;
        var scope = lookup.Scope is null ? named?.Scope : _scopes.GetValueOrDefault(lookup.Scope.SessionId);
        if (scope is null)
            return new ConversationState { Now = _timeProvider.GetUtcNow() };

        lock (scope.Gate)
            return scope.Load(lookup, named is { IsDeleted: true } ? null : named, _timeProvider.GetUtcNow());
    }

    private bool TryWrite(ConversationBatch batch, CancellationToken cancellationToken)
    {
        var writes = EntryWrite.Of(batch.Conversations);
        while (true)
        {
            var scope = batch.Scope is null
                ? _table.Find(writes[0].Target.Conversation.Id)?.Scope
                : _scopes.GetOrAdd(batch.Scope.SessionId, static (_, asked) => new ScopeEntry(asked.Scope, asked._table), (batch.Scope, _table));
            if (scope is null)
                return false;

            using (Enter(scope, cancellationToken))
            {
                if (scope.IsForgotten)
                    continue;

                var isWritten = scope.TryWrite(batch, writes);
                ForgetIfEmpty(scope);
                return isWritten;
            }
        }
    }

    private bool Delete(string conversationId, ConversationAccess access, CancellationToken cancellationToken)
    {
        if (_table.Find(conversationId, access) is not { } entry)
            return false;

        using (Enter(entry.Scope, cancellationToken))
        {
            if (entry.IsDeleted)
                return false;

            entry.Scope.Delete(entry);
            ForgetIfEmpty(entry.Scope);
            return true;
        }
    }

    private IReadOnlyList<TItem> Read<TRange, TItem>(string conversationId, ConversationAccess access, TRange range, Func<ConversationEntry, TRange, IReadOnlyList<TItem>> read)
    {
        if (_table.Find(conversationId, access) is not { } entry)
            return [];

        lock (entry.Scope.Gate)
            return entry.IsDeleted ? [] : read(entry, range);
    }

    /// <summary>Waits for the gate of a scope. A call that was canceled meanwhile writes nothing [10].</summary>
    private static Lock.Scope Enter(ScopeEntry scope, CancellationToken cancellationToken)
    {
        var entered = scope.Gate.EnterScope();
        if (cancellationToken.IsCancellationRequested)
        {
            entered.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
        }

        return entered;
    }

    private void ForgetIfEmpty(ScopeEntry scope)
    {
        if (!scope.IsEmpty)
            return;

        scope.IsForgotten = true;
        _scopes.TryRemove(new(scope.Scope.SessionId, scope));
    }

    private ValueTask<TResult> RunAsync<TArgument, TResult>(TArgument argument, Func<InMemoryConversationStore, TArgument, CancellationToken, TResult> action, CancellationToken cancellationToken)
    {
        if (_disposed)
            return ValueTask.FromException<TResult>(new ObjectDisposedException(nameof(InMemoryConversationStore)));
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<TResult>(cancellationToken);

        try
        {
            return new ValueTask<TResult>(action(this, argument, cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<TResult>(cancellationToken);
        }
    }
}
