namespace Conversations.Storage;

/// <summary>The stream of a run, within a write.</summary>
internal static class StreamRow
{
    /// <summary>Whether a run has not ended, so that nothing of its stream is a message yet.</summary>
    public static bool IsRunning(SqliteSession session, long run)
    {
        using var find = session.Use(SqliteStatements.FindRunning);
        find.Bind(1, run);
        return find.Step();
    }

    /// <summary>Deletes a stream with its segments, if there is one.</summary>
    public static void Delete(SqliteSession session, long conversation, long run)
    {
        using (var segments = session.Use(SqliteStatements.DeleteSegments))
        {
            segments.Bind(1, run);
            segments.Run();
        }

        using var stream = session.Use(SqliteStatements.DeleteStream);
        stream.Bind(1, conversation);
        stream.Bind(2, run);
        stream.Run();
    }

    /// <summary>Whether nobody reads it any more: its run has ended, and the time for which it is kept is over [20.5].</summary>
    public static bool IsOver(long keepFor, long? endedAt, long now) => endedAt is { } end && now - end >= keepFor;
}
