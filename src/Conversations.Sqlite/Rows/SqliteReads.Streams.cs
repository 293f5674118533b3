namespace Conversations.Storage;

/// <content>Streams.</content>
internal static partial class SqliteReads
{
    /// <summary>Reads a run and what was saved of its stream, of one moment [20.2].</summary>
    public static StreamRead? Stream(SqliteSession session, (StreamQuery Query, TimeProvider Clock) asked)
    {
        var query = asked.Query;

        // Before what is read, so that a lease that is renewed meanwhile does not seem to have expired.
        var now = asked.Clock.GetUtcNow().UtcTicks;
        session.Run(SqliteStatements.BeginRead);
        try
        {
            if (Run(session, (query.ConversationId, query.RunNumber, query.Access)) is not { } run || FindStream(session, query) is not var (lease, keepFor))
                return null;

            var isHeld = lease.Run == run.Number && lease.IsHeld(now);
            var segments = keepFor is null || StreamRow.IsOver(keepFor.Value, run.EndedAt?.UtcTicks, now) ? [] : Segments(session, run.Number, query.From, query.Limit);
            return new StreamRead(run, run.Status == RunStatus.Running && !isHeld, segments);
        }
        finally
        {
            session.RollBack();
        }
    }

    /// <summary>Reads the segments of a run, from the last on that begins at an offset or before it.</summary>
    public static IReadOnlyList<StreamSegment> Segments(SqliteSession session, long run, long from, long limit)
    {
        using var statement = session.Use(SqliteStatements.ReadSegments);
        statement.Bind(1, run);
        statement.Bind(2, from);
        statement.Bind(3, limit);

        var segments = new List<StreamSegment>();
        while (statement.Step())
            segments.Add(SqliteRows.ReadSegment(statement));
        return segments;
    }

    private static (LeaseState Lease, long? KeepFor)? FindStream(SqliteSession session, StreamQuery query)
    {
        using var find = session.Use(SqliteStatements.FindStream);
        find.BindAccess(query.ConversationId, query.Access);
        find.Bind(6, query.RunNumber);
        return find.Step() && SqliteRows.ReadLeaseState(find, 1) is { } lease ? (lease, find.OptionalInt64(0)) : null;
    }
}
