namespace Conversations.Storage;

/// <summary>Appends segments to the stream of a run, if its lease is still the current one [20.1]. One statement looks, and one a segment writes.</summary>
internal sealed class AppendSegmentsWrite(AppendSegmentsCommand command, StreamSweep sweep) : ISqliteWrite<bool>
{
    private readonly SegmentRow[] _segments = SegmentRow.From(command.Segments);

    public Written<bool> Run(SqliteSession session, long now)
    {
        if (!Find(session, out var conversation, out var isNew, out var isSaid))
            return Written.Nothing(false);

        if (isNew)
            sweep.Run(session, now);
        if (!isSaid)
            Save(session, conversation);
        foreach (var segment in _segments)
            segment.Insert(session, command.Lease.Fence);
        return Written.Keep(true);
    }

    /// <summary>Finds the conversation, whether the stream begins here, and whether what becomes of it is what the last command said.</summary>
    private bool Find(SqliteSession session, out long conversation, out bool isNew, out bool isSaid)
    {
        using var find = session.Use(SqliteStatements.FindStreamOfLease);
        find.Bind(1, command.Lease.ConversationId);
        find.Bind(2, command.Lease.Fence);
        var isFound = find.Step();
        conversation = isFound ? find.Int64(0) : 0;
        isNew = isFound && find.IsNull(1);
        isSaid = isFound && !isNew && find.Int64(1) == command.KeepFor.Ticks && find.Int64(2) == (long)command.OnInterruption;
        return isFound;
    }

    private void Save(SqliteSession session, long conversation)
    {
        using var save = session.Use(SqliteStatements.SaveStream);
        save.Bind(1, conversation);
        save.Bind(2, command.Lease.Fence);
        save.Bind(3, command.KeepFor.Ticks);
        save.Bind(4, (long)command.OnInterruption);
        save.Run();
    }
}
