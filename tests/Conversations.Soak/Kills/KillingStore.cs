using Conversations.Storage;

namespace Conversations.Soak.Kills;

/// <summary>A store that kills its process at a point, when it comes there for the n-th time.</summary>
internal sealed class KillingStore : DelegatingConversationStore, IConversationSummaryStore, IConversationStreamStore
{
    // As many as the smallest write changes.
    private const int RowsOfAWrite = 2;

    private readonly SqliteConversationStore _store;
    private readonly KillPoint _point;
    private readonly int _rows;
    private readonly Action _killInLog;
    private int _left;
    private int _rowsLeft = int.MaxValue;
    private volatile bool _killsAtCommit;

    private KillingStore(SqliteConversationStore store, KillPoint point, int time, long microseconds)
        : base(store)
    {
        _store = store;
        _point = point;
        _left = time;
        _rows = 1 + (int)(microseconds % RowsOfAWrite);
        _killInLog = point == KillPoint.InCommitsLog ? Killer.After(microseconds) : () => { };
    }

    public static async Task<KillingStore> OpenAsync(string file, KillPoint point, int time, long microseconds)
    {
        var inner = new SqliteConversationStore($"Data Source={file}");
        var store = new KillingStore(inner, point, time, microseconds);
        await WriterHooks.AttachAsync(inner, store.OnRow, store.OnCommit);
        return store;
    }

    /// <summary>Comes to a point, and does not come back if it is the one.</summary>
    public void Reach(KillPoint point)
    {
        if (point == _point && Interlocked.Decrement(ref _left) == 0)
            Killer.Now();
    }

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        Reach(KillPoint.BeforeBegin);
        Arm(KillPoint.WithinBegin);
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        Reach(KillPoint.AfterBegin);
        return outcome;
    }

    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        Reach(KillPoint.BeforeCommit);
        Arm(KillPoint.WithinCommit);
        ArmCommit();
        var isCommitted = await base.CommitTurnAsync(command, cancellationToken);
        Reach(KillPoint.AfterCommit);
        return isCommitted;
    }

    public ValueTask<ConversationSummary?> GetSummaryAsync(string conversationId, ConversationAccess access, long before, CancellationToken cancellationToken = default) =>
        _store.GetSummaryAsync(conversationId, access, before, cancellationToken);

    public async ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default)
    {
        Arm(KillPoint.WithinSummary);
        var isSaved = await _store.SaveSummaryAsync(command, cancellationToken);
        Reach(KillPoint.AfterSummary);
        return isSaved;
    }

    public async ValueTask<bool> AppendSegmentsAsync(AppendSegmentsCommand command, CancellationToken cancellationToken = default)
    {
        Arm(KillPoint.WithinStream);
        var isAppended = await _store.AppendSegmentsAsync(command, cancellationToken);
        if (isAppended)
            KillChild.SaySaved(command.Lease, command.Segments[^1].End);
        Reach(KillPoint.MidStream);
        return isAppended;
    }

    public ValueTask<StreamRead?> ReadStreamAsync(StreamQuery query, CancellationToken cancellationToken = default) => _store.ReadStreamAsync(query, cancellationToken);

    public ValueTask<bool> InterruptRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        _store.InterruptRunAsync(conversationId, number, access, cancellationToken);

    // The rows that are changed next are of this write, or of one that stands before it: within a write in any case.
    private void Arm(KillPoint point)
    {
        if (point == _point && Interlocked.Decrement(ref _left) == 0)
            Volatile.Write(ref _rowsLeft, _rows);
    }

    private void ArmCommit()
    {
        if (_point == KillPoint.InCommitsLog && Interlocked.Decrement(ref _left) == 0)
            _killsAtCommit = true;
    }

    private void OnRow()
    {
        if (Volatile.Read(ref _rowsLeft) != int.MaxValue && Interlocked.Decrement(ref _rowsLeft) == 0)
            Killer.Now();
    }

    private void OnCommit()
    {
        if (_killsAtCommit)
            _killInLog();
    }
}
