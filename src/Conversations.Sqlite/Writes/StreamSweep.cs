namespace Conversations.Storage;

/// <summary>Removes expired segments whenever a stream begins [13.3]. It examines a few runs at a time and continues there the next time, so that it costs
/// the same however many there are.</summary>
/// <remarks>A store has one, and only its writer uses it.</remarks>
internal sealed class StreamSweep
{
    private const int RunsAtATime = 16;

    private long _last;

    public void Run(SqliteSession session, long now)
    {
        for (var i = 0; i < RunsAtATime; i++)
        {
            if (FindNext(session) is not var (run, expiresAt))
            {
                // The end: the next sweep starts at the beginning.
                _last = 0;
                return;
            }

            _last = run;
            if (expiresAt <= now)
                SegmentRows.Delete(session, run);
        }
    }

    private (long Run, long? ExpiresAt)? FindNext(SqliteSession session)
    {
        using var find = session.Use(SqliteStatements.FindNextStream);
        find.Bind(1, _last);
        return find.Step() ? (find.Int64(0), find.OptionalInt64(1)) : null;
    }
}
