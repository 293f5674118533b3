using Conversations.Storage;

namespace Conversations.Soak.Kills;

/// <summary>A store that kills its process when it reaches a point for the n-th time.</summary>
internal sealed class KillingStore : DelegatingConversationStore
{
    // The number of rows that the smallest write changes.
    private const int RowsOfAWrite = 2;

    private readonly KillPoint _point;
    private readonly int _rows;
    private readonly int _rowsOfParts;
    private readonly Action _killInLog;
    private int _left;
    private int _rowsLeft = int.MaxValue;
    private volatile bool _killsAtCommit;

    private KillingStore(SqliteConversationStore store, KillPoint point, int time, long microseconds)
        : base(store)
    {
        _point = point;
        _left = time;
        _rows = 1 + (int)(microseconds % RowsOfAWrite);

        // In any of the three parts that a long conversation has.
        _rowsOfParts = 1 + (int)(microseconds * 3 % KillChild.TemporaryMessages);
        _killInLog = point == KillPoint.InCommitsLog ? Killer.After(microseconds) : () => { };
    }

    public static async Task<KillingStore> OpenAsync(string file, KillPoint point, int time, long microseconds)
    {
        var inner = new SqliteConversationStore($"Data Source={file}");
        var store = new KillingStore(inner, point, time, microseconds);
        await WriterHooks.AttachAsync(inner, store.OnRow, store.OnCommit);
        return store;
    }

    /// <summary>Reaches a point, and does not return if the process is killed there.</summary>
    public void Reach(KillPoint point)
    {
        if (point == _point && Interlocked.Decrement(ref _left) == 0)
            Killer.Now();
    }

    public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        if (batch.Conversations is [{ Messages.Count: KillChild.TemporaryMessages }, ..])
            Arm(KillPoint.WithinCreation, _rowsOfParts);
        var points = PointsOf(batch);
        if (points is var (before, within, _))
        {
            Reach(before);
            Arm(within);
            if (within == KillPoint.WithinCommit)
                ArmCommit();
        }

        var isWritten = await base.TryWriteAsync(batch, cancellationToken);
        if (points is var (_, _, after))
            Reach(after);
        return isWritten;
    }

    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        Reach(KillPoint.BeforeDeletion);
        Arm(KillPoint.WithinDeletion);
        Arm(KillPoint.WithinRemoval, _rowsOfParts);
        var isDeleted = await base.DeleteConversationAsync(conversationId, access, cancellationToken);
        Reach(KillPoint.AfterDeletion);
        return isDeleted;
    }

    public override async ValueTask<bool> AppendSegmentsAsync(SegmentBatch batch, CancellationToken cancellationToken = default)
    {
        Arm(KillPoint.WithinStream);
        var isAppended = await base.AppendSegmentsAsync(batch, cancellationToken);
        if (isAppended)
            KillChild.SaySaved(batch);
        Reach(KillPoint.MidStream);
        return isAppended;
    }

    /// <summary>The points before, within and after a write; null for one of a kind that is not killed.</summary>
    private static (KillPoint Before, KillPoint Within, KillPoint After)? PointsOf(ConversationBatch batch) => batch switch
    {
        { Conversations: [{ Summary: not null }] } => (KillPoint.BeforeSummary, KillPoint.WithinSummary, KillPoint.AfterSummary),
        { Conversations: [{ Runs.Count: > 0, Conversation.OpenRun: null }] } => (KillPoint.BeforeCommit, KillPoint.WithinCommit, KillPoint.AfterCommit),
        { Durability: WriteDurability.Process } => (KillPoint.BeforeBegin, KillPoint.WithinBegin, KillPoint.AfterBegin),
        _ => null,
    };

    // The rows that are changed next belong to this write or to one before it in the queue: within a write in any case.
    private void Arm(KillPoint point, int? rows = null)
    {
        if (point == _point && Interlocked.Decrement(ref _left) == 0)
            Volatile.Write(ref _rowsLeft, rows ?? _rows);
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
