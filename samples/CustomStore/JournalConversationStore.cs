namespace CustomStore;

/// <summary>Stores conversations in memory and in a folder, as a journal of JSON lines. Thread-safe; one store at a time can have a folder open.</summary>
/// <remarks>A write makes the next state, appends a line to the journal, and then replaces the state. Opening applies the lines again. Calls run one at a time.</remarks>
public sealed class JournalConversationStore : IConversationStore
{
    private readonly SemaphoreSlim _gate = new(1, 1); // Not disposed: late calls wait for it too.
    private readonly Journal _journal;
    private readonly TimeProvider _time;
    private StoreState _state = new(ImmutableDictionary<string, History>.Empty, ImmutableDictionary<string, string>.Empty);
    private bool _disposed;

    public JournalConversationStore(string folder, TimeProvider? timeProvider = null)
        : this(() => Journal.OpenFile(folder), timeProvider ?? TimeProvider.System) { }
    internal JournalConversationStore(Func<FileStream> openFile, TimeProvider timeProvider) =>
        (_time, _journal) = (timeProvider, Journal.Open(openFile, line => _state = _state.TryApply(line) ?? throw new JsonException()));

    public ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default) =>
        RunAsync(state => state.Load(lookup, _time.GetUtcNow()), cancellationToken);
    public ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default) =>
        RunAsync(state => state.Find(range.ConversationId, range.Access)?.Read(range) ?? [], cancellationToken);
    public ValueTask<IReadOnlyList<StoredRun>> ReadRunsAsync(RunRange range, CancellationToken cancellationToken = default) =>
        RunAsync(state => state.Find(range.ConversationId, range.Access)?.Read(range) ?? [], cancellationToken);
    public ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing listing, CancellationToken cancellationToken = default) =>
        RunAsync(state => state.List(listing), cancellationToken);
    public ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default) =>
        WriteAsync(JournalLine.Of(batch), batch.Access, batch.Durability == WriteDurability.Disk, cancellationToken);
    public ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        WriteAsync(new(Deleted: conversationId), access, toDisk: true, cancellationToken);
    public async ValueTask PingAsync(CancellationToken cancellationToken = default) => await RunAsync(_ => true, cancellationToken).ConfigureAwait(false);

    public ValueTask DisposeAsync() => new(Task.Run(Dispose));
    public void Dispose()
    {
        _gate.Wait();
        _disposed = true;
        _journal.Dispose();
        _gate.Release();
    }
    private ValueTask<bool> WriteAsync(JournalLine line, ConversationAccess access, bool toDisk, CancellationToken cancellationToken)
    {
        // What is applied was read back: it is a copy of what the caller passed, and the journal gets no line that cannot be read.
        var bytes = line.ToBytes();
        var copy = JournalLine.Parse(bytes);
        return RunAsync(state =>
        {
            if (state.TryApply(copy, access) is not { } next)
                return false;
            _journal.Append(bytes, toDisk);
            _state = next;
            return true;
        }, cancellationToken);
    }
    private async ValueTask<T> RunAsync<T>(Func<StoreState, T> action, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            cancellationToken.ThrowIfCancellationRequested(); // The gate can open at the same moment.
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_journal.IsBroken)
                throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "The journal failed and must be reopened.");
            return action(_state);
        }
        finally
        {
            _gate.Release();
        }
    }
}
