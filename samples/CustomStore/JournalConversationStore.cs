namespace CustomStore;

/// <summary>Keeps conversations in memory and in a folder, as a journal of JSON lines: durable and correct rather than quick.</summary>
/// <remarks>A write is decided on the state, then appended to the journal, then applied to the state; opening applies the journal. One at a time,
/// reads included, so that nobody reads what is not on disk yet. Safe from any thread; a folder is for one store at a time.</remarks>
public sealed class JournalConversationStore : IConversationStore
{
    // Never disposed: it holds nothing unless its wait handle is asked for, and a call that comes late must still find it.
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly StoreState _state = new();
    private readonly Journal _journal;
    private readonly TimeProvider _time;
    private bool _disposed;

    /// <summary>Opens the store of a folder, which is made if need be.</summary>
    public JournalConversationStore(string folder, TimeProvider? timeProvider = null)
        : this(Journal.OpenFile(folder), timeProvider ?? TimeProvider.System)
    {
    }

    internal JournalConversationStore(FileStream file, TimeProvider timeProvider) =>
        (_time, _journal) = (timeProvider, Journal.Replay(file, _state.Apply));

    public ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        WriteAsync(now => Decisions.Begin(_state, command, now), toDisk: false, cancellationToken);
    public ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        WriteAsync(now => Decisions.Commit(_state, command, now), toDisk: true, cancellationToken);
    public ValueTask<bool> RenewLeaseAsync(TurnLease lease, CancellationToken cancellationToken = default) =>
        WriteAsync(now => Decisions.Renew(_state, lease, now), toDisk: false, cancellationToken);

    public ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default) =>
        ReadAsync(() => _state.Find(query.ConversationId, query.Access)?.Window(query) ?? [], cancellationToken);
    public ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
        ReadAsync(() => _state.Find(query.ConversationId, query.Access)?.Range(query) ?? [], cancellationToken);
    public ValueTask<Conversation?> GetConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        ReadAsync(() => _state.Find(conversationId, access)?.Conversation, cancellationToken);
    public ValueTask<Conversation?> GetCurrentAsync(ConversationScope scope, CancellationToken cancellationToken = default) =>
        ReadAsync(() => _state.Current(scope)?.Conversation, cancellationToken);
    public ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) =>
        ReadAsync(() => _state.List(query), cancellationToken);
    public ValueTask<ConversationRun?> GetRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        ReadAsync(() => _state.Find(conversationId, access)?.Runs.GetValueOrDefault(number)?.Shown, cancellationToken);
    public ValueTask<IReadOnlyList<ConversationRun>> ListRunsAsync(RunListing query, CancellationToken cancellationToken = default) =>
        ReadAsync(() => _state.Find(query.ConversationId, query.Access)?.List(query) ?? [], cancellationToken);

    public ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default) =>
        WriteAsync(now => Decisions.Create(_state, command, now), toDisk: true, cancellationToken);
    public ValueTask<Conversation?> UpdateConversationAsync(
        string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default) =>
        WriteAsync(now => Decisions.Change(_state, _state.Find(conversationId, access), change, now), toDisk: true, cancellationToken);
    public ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        WriteAsync(_ => Decisions.Delete(_state.Find(conversationId, access)), toDisk: true, cancellationToken);
    public ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default) =>
        WriteAsync(_ => Decisions.DeleteMessage(_state.Find(conversationId, access), position), toDisk: true, cancellationToken);

    public ValueTask DisposeAsync() => new(Task.Run(Dispose));

    public void Dispose()
    {
        _gate.Wait();
        _disposed = true;
        _journal.Dispose();
        _gate.Release();
    }

    private ValueTask<T> ReadAsync<T>(Func<T> read, CancellationToken cancellationToken) =>
        WriteAsync<T>(_ => (read(), null), toDisk: false, cancellationToken);

    private async ValueTask<T> WriteAsync<T>(Func<DateTimeOffset, (T Answer, JournalLine? Line)> decide, bool toDisk, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            cancellationToken.ThrowIfCancellationRequested(); // The gate can open in the same moment [12.1].
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_journal.IsBroken)
                throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "The journal failed and must be opened anew.");
            // The time is that of the write, not of the call that waited for it.
            var (answer, line) = decide(_time.GetUtcNow());
            if (line is null)
                return answer;
            _journal.Append(line, toDisk);
            _state.Apply(line);
            return answer;
        }
        finally
        {
            _gate.Release();
        }
    }
}
