namespace Conversations.Storage;

/// <summary>Appends segments to an open run, if it still holds its lease [13.1]. One statement checks that, and one writes each segment.</summary>
internal sealed class AppendSegmentsWrite(SegmentBatch batch, StreamSweep sweep) : ISqliteWrite<bool>
{
    private readonly StreamSegment[] _segments = [.. batch.Segments];

    public Written<bool> Run(SqliteSession session, long now)
    {
        if (Touch(session) is not { } conversation)
            return Written.Nothing(false);

        var run = RowValues.Key(conversation, batch.RunNumber);
        if (!SegmentRows.Has(session, run))
            sweep.Run(session, now);
        foreach (var segment in _segments)
            SegmentRows.Insert(session, run, segment);
        return Written.Keep(true);
    }

    /// <summary>Adds 1 to the version of the conversation, if it has the open run.</summary>
    /// <returns>The key of the conversation; <see langword="null"/> if it has not.</returns>
    private long? Touch(SqliteSession session)
    {
        using var touch = session.Use(SqliteStatements.TouchOpenRun);
        touch.BindAccess(batch.ConversationId, batch.Access);
        touch.Bind(6, batch.RunNumber);
        touch.Bind(7, batch.Token);
        if (!touch.Step())
            return null;

        var key = touch.Int64(0);
        touch.Run();
        return key;
    }
}
