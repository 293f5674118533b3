using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations;

/// <summary>Keeps conversations in the memory of the process: for tests, for trying things out, and where nothing need outlive the process.</summary>
/// <remarks>It fulfils every rule of the storage contract but durability. Safe from any thread; every member completes at once. Turns of
/// different scopes never wait for each other. A turn and a read cost the same whatever the length of the history;
/// a listing looks at every conversation of the store.</remarks>
public sealed partial class InMemoryConversationStore : IConversationStore
{
    private readonly TimeProvider _timeProvider;
    private readonly ConversationTable _table = new();
    private readonly ConcurrentDictionary<string, ScopeEntry> _scopes = new(StringComparer.Ordinal);
    private volatile bool _disposed;

    /// <summary>Makes an empty store.</summary>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system's.</param>
    public InMemoryConversationStore(TimeProvider? timeProvider = null) => _timeProvider = timeProvider ?? TimeProvider.System;

    // Read under a scope's gate: a time read before waiting for it could be earlier than what was written meanwhile,
    // so that a run would end before it began, and a lease would seem to run for longer than it does.
    private DateTimeOffset Now => _timeProvider.GetUtcNow();

    /// <inheritdoc/>
    public ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return RunAsync(command, static (store, command, token) => store.Begin(command, token), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return RunAsync(command, static (store, command, token) => store.Commit(command, token), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> RenewLeaseAsync(TurnLease lease, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        return RunAsync(lease, static (store, lease, token) => store.Renew(lease, token), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return RunAsync(query, static IReadOnlyList<ConversationMessage> (store, query, _) => store.ReadWindow(query), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return RunAsync(query, static IReadOnlyList<ConversationMessage> (store, query, _) => store.ReadMessages(query), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Conversation?> GetConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversationId);
        ArgumentNullException.ThrowIfNull(access);
        return RunAsync((conversationId, access), static (store, asked, _) => store._table.Find(asked.conversationId, asked.access)?.Data, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Conversation?> GetCurrentAsync(ConversationScope scope, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return RunAsync(scope, static (store, scope, _) => store.GetCurrent(scope), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return RunAsync(query, static IReadOnlyList<Conversation> (store, query, _) => store._table.List(query), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<ConversationRun?> GetRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversationId);
        ArgumentNullException.ThrowIfNull(access);
        return RunAsync((conversationId, number, access), static (store, asked, _) => store.GetRun(asked.conversationId, asked.number, asked.access), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ConversationRun>> ListRunsAsync(RunListing query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return RunAsync(query, static IReadOnlyList<ConversationRun> (store, query, _) => store.ListRuns(query), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return RunAsync(command, static (store, command, token) => store.InScope(command.Scope, command, static (scope, command, now) => scope.Create(command, now), token), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversationId);
        ArgumentNullException.ThrowIfNull(access);
        ArgumentNullException.ThrowIfNull(change);
        return RunAsync((conversationId, access, change), static (store, asked, token) => store.Update(asked.conversationId, asked.access, asked.change, token), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversationId);
        ArgumentNullException.ThrowIfNull(access);
        return RunAsync((conversationId, access), static (store, asked, token) => store.Delete(asked.conversationId, asked.access, token), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversationId);
        ArgumentNullException.ThrowIfNull(access);
        return RunAsync((conversationId, position, access), static (store, asked, token) => store.DeleteMessage(asked.conversationId, asked.position, asked.access, token), cancellationToken);
    }

    /// <summary>Ends the store. What it held is gone.</summary>
    public void Dispose() => _disposed = true;

    /// <inheritdoc cref="Dispose"/>
    /// <returns>A completed task.</returns>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private BeginTurnOutcome Begin(BeginTurnCommand command, CancellationToken cancellationToken)
    {
        if (command.Scope is { } scope)
            return InScope(scope, command, static (entry, command, now) => entry.Begin(command, named: null, now), cancellationToken);

        var named = _table.Find(command.ConversationId!, command.Access);
        if (named is null || !string.Equals(named.Scope.Scope.Agent, command.Agent, StringComparison.Ordinal))
            return new TurnNotFound();

        using (Enter(named.Scope, cancellationToken))
            return named.IsDeleted ? new TurnNotFound() : named.Scope.Begin(command, named, Now);
    }

    private bool Commit(CommitTurnCommand command, CancellationToken cancellationToken)
    {
        var lease = command.Lease;
        if (_table.Find(lease.ConversationId) is not { } entry)
            return false;

        using (Enter(entry.Scope, cancellationToken))
        {
            if (!entry.Holds(lease))
                return false;

            var now = Now;
            foreach (var (recounted, tokens) in command.Recounts)
                entry.Messages.Recount(recounted, tokens);
            if (command.SupersedeFrom is { } from)
                entry.Supersede(from, lease.Fence);
            if (command.Restore is { } run)
                entry.Restore(run);
            var position = entry.Append(command.Messages, lease.Fence, now, command.AreSuperseded);
            entry.Close(entry.FindRun(lease.Fence)! with
            {
                Status = command.Status,
                Model = command.Model,
                FinishReason = command.FinishReason,
                Usage = command.Usage,
                PromptTokens = command.PromptTokens,
                HistoryTokens = command.HistoryTokens,
                Cost = command.Cost,
                Error = command.Error,
                OutputPosition = position,
                OutputCount = command.Messages.Count,
                EndedAt = now,
            });
            return true;
        }
    }

    private bool Renew(TurnLease lease, CancellationToken cancellationToken)
    {
        if (_table.Find(lease.ConversationId) is not { } entry)
            return false;

        using (Enter(entry.Scope, cancellationToken))
        {
            if (!entry.Holds(lease))
                return false;

            entry.Take(lease, Now);
            return true;
        }
    }

    private List<ConversationMessage> ReadWindow(WindowQuery query)
    {
        if (_table.Find(query.ConversationId, query.Access) is not { } entry)
            return [];

        lock (entry.Scope.Gate)
            return entry.Messages.Window(query);
    }

    private List<ConversationMessage> ReadMessages(MessageRange query)
    {
        if (_table.Find(query.ConversationId, query.Access) is not { } entry)
            return [];

        lock (entry.Scope.Gate)
            return entry.Messages.Page(query);
    }

    private Conversation? GetCurrent(ConversationScope scope)
    {
        if (!_scopes.TryGetValue(scope.SessionId, out var entry))
            return null;

        lock (entry.Gate)
            return entry.Current?.Data;
    }

    private ConversationRun? GetRun(string conversationId, long number, ConversationAccess access)
    {
        if (_table.Find(conversationId, access) is not { } entry)
            return null;

        lock (entry.Scope.Gate)
            return entry.FindRun(number)?.AsShown();
    }

    private List<ConversationRun> ListRuns(RunListing query)
    {
        if (_table.Find(query.ConversationId, query.Access) is not { } entry)
            return [];

        lock (entry.Scope.Gate)
            return entry.ListRuns(query);
    }

    private Conversation? Update(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken)
    {
        if (_table.Find(conversationId, access) is not { } entry)
            return null;

        using (Enter(entry.Scope, cancellationToken))
            return entry.IsDeleted ? null : entry.Scope.Change(entry, change, Now);
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

    private bool DeleteMessage(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken)
    {
        if (_table.Find(conversationId, access) is not { } entry)
            return false;

        using (Enter(entry.Scope, cancellationToken))
            return entry.DeleteMessage(position);
    }

    private TResult InScope<TCommand, TResult>(ConversationScope scope, TCommand command, Func<ScopeEntry, TCommand, DateTimeOffset, TResult> action, CancellationToken cancellationToken)
    {
        while (true)
        {
            var entry = _scopes.GetOrAdd(scope.SessionId, static (_, asked) => new ScopeEntry(asked.scope, asked._table), (scope, _table));
            using (Enter(entry, cancellationToken))
            {
                if (entry.IsForgotten)
                    continue;

                var result = action(entry, command, Now);
                ForgetIfEmpty(entry);
                return result;
            }
        }
    }

    /// <summary>Waits for the gate of a scope. Who was cancelled meanwhile writes nothing (rule 12.1).</summary>
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

    private void ForgetIfEmpty(ScopeEntry entry)
    {
        if (!entry.IsEmpty)
            return;

        entry.IsForgotten = true;
        _scopes.TryRemove(new(entry.Scope.SessionId, entry));
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
