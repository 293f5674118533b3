namespace Conversations.Storage;

/// <summary>The end of a run whose lease expired [4.3], and the messages that what it streamed becomes [20.3]. Rare: where the lease is free there is none,
/// and nothing is looked for.</summary>
internal sealed class Interruption
{
    private static readonly Interruption Nobody = new(conversation: 0, run: 0, firstPosition: 0, [], areSuperseded: false);

    private readonly long _conversation;
    private readonly long _run;
    private readonly long _firstPosition;
    private readonly MessageRow[] _draft;
    private readonly bool _areSuperseded;

    private Interruption(long conversation, long run, long firstPosition, MessageRow[] draft, bool areSuperseded)
    {
        _conversation = conversation;
        _run = run;
        _firstPosition = firstPosition;
        _draft = draft;
        _areSuperseded = areSuperseded;
    }

    /// <summary>How many messages it appends.</summary>
    public int Count => _draft.Length;

    /// <summary>The interruption of whoever holds a lease, which has expired. Nothing is written yet.</summary>
    public static Interruption OfHolder(SqliteSession session, LeaseState conversation)
    {
        if (!conversation.IsOpen)
            return Nobody;

        var onInterruption = FindOnInterruption(session, conversation);
        var draft = onInterruption is null or InterruptedOutput.Discard ? [] : MessageRow.From(StreamSegment.Join(SqliteReads.Segments(session, conversation.Run, from: -1, limit: long.MaxValue)));
        return new Interruption(conversation.Key, conversation.Run, conversation.LastPosition + 1, draft, onInterruption == InterruptedOutput.AppendSuperseded);
    }

    /// <summary>Marks the run, and appends the messages.</summary>
    public void Write(SqliteSession session, long now)
    {
        if (_run == 0)
            return;

        using (var interrupt = session.Use(SqliteStatements.InterruptRun))
        {
            interrupt.Bind(1, _run);
            interrupt.Bind(2, now);
            interrupt.Bind(3, _draft.Length > 0 ? _firstPosition : 0);
            interrupt.Bind(4, _draft.Length);
            interrupt.Run();
        }

        if (_draft.Length == 0)
            return;

        MessageRow.Insert(session, _draft, _conversation, _firstPosition, _run, _areSuperseded ? _run : null);
        using var append = session.Use(SqliteStatements.AppendDraft);
        append.Bind(1, _conversation);
        append.Bind(2, _draft.Length);
        append.Bind(3, now);
        append.Bind(4, _draft[^1].CreatedAt);
        append.Run();
    }

    /// <summary>Takes the lease away, where nobody else takes it.</summary>
    public void DropLease(SqliteSession session)
    {
        using var drop = session.Use(SqliteStatements.DropLease);
        drop.Bind(1, _conversation);
        drop.Bind(2, _run);
        drop.Run();
    }

    private static InterruptedOutput? FindOnInterruption(SqliteSession session, LeaseState conversation)
    {
        using var find = session.Use(SqliteStatements.FindOnInterruption);
        find.Bind(1, conversation.Key);
        find.Bind(2, conversation.Run);
        return find.Step() ? (InterruptedOutput)find.Int64(0) : null;
    }
}
