namespace Conversations.Storage;

/// <summary>Removes the rows of conversations that do not exist, some at a time, so that no other write waits long. What is to be removed is noted in a table of its own,
/// which also has the keys that are reserved for new conversations until these are complete.</summary>
internal static class Removal
{
    // How long the next part of a new conversation can take, before the parts count as left behind by a process that has died.
    private const long Patience = 10 * TimeSpan.TicksPerMinute;

    // Runs are the first: their keys are found by them.
    private static readonly Table[] Tables =
    [
        new(SqliteStatements.FindRemainingRuns, SqliteStatements.DeleteRunsThrough, SqliteStatements.FreeKeysThrough),
        new(SqliteStatements.FindRemainingData, SqliteStatements.DeleteDataThrough, SqliteStatements.FreeDataThrough),
        new(SqliteStatements.FindRemainingMessages, SqliteStatements.DeleteMessagesThrough),
        new(SqliteStatements.FindRemainingSummaries, SqliteStatements.DeleteSummariesThrough),
        new(SqliteStatements.FindRemainingSegments, SqliteStatements.DeleteSegmentsThrough),
        new(SqliteStatements.FindRemainingFeedback, SqliteStatements.DeleteFeedbackThrough),
    ];

    /// <summary>Finds what is due, by the keys of conversations and of their scopes.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="now">The time, in ticks.</param>
    /// <param name="passedOver">The conversations that are passed over.</param>
    /// <returns>The first; null if nothing is due.</returns>
    public static (long Conversation, long Scope)? FindDue(SqliteSession session, long now, IReadOnlyCollection<long> passedOver)
    {
        using var find = session.Use(SqliteStatements.FindRemovals);
        find.Bind(1, now);
        find.Bind(2, now + Patience);
        while (find.Step())
        {
            if (!passedOver.Contains(find.Int64(0)))
                return (find.Int64(0), find.Int64(1));
        }

        return null;
    }

    /// <summary>Removes rows of a conversation, as many as one write can, and notes whether some are left.</summary>
    public static void RemoveSome(SqliteSession session, long conversation, long scope)
    {
        var share = new WriteShare();
        if (Array.TrueForAll(Tables, table => table.TryRemoveAll(session, conversation, scope, share)))
            End(session, SqliteStatements.EndRemoval, conversation);
        else
            Note(session, conversation, scope, due: 0);
    }

    /// <summary>Reserves a key for a new conversation.</summary>
    public static long Reserve(SqliteSession session, long now)
    {
        var key = session.ReadNumber(SqliteStatements.ReserveKey);
        if (key == 0)
            key = session.ReadNumber(SqliteStatements.ReserveFirstKey);
        Note(session, key, scope: 0, now + Patience);
        return key;
    }

    /// <summary>Extends a reservation.</summary>
    /// <returns><see langword="false"/> if it has ended: rows may have been removed.</returns>
    public static bool TryKeep(SqliteSession session, long conversation, long now) => TryPostpone(session, conversation, now + Patience);

    /// <summary>Ends a reservation because the conversation is not created. Its rows are removed.</summary>
    /// <returns><see langword="false"/> if it has ended.</returns>
    public static bool TryGiveUp(SqliteSession session, long conversation) => TryPostpone(session, conversation, due: 0);

    /// <summary>Ends a reservation because the conversation is complete.</summary>
    /// <returns><see langword="false"/> if it has ended: rows may have been removed.</returns>
    public static bool TryComplete(SqliteSession session, long conversation) => End(session, SqliteStatements.EndReservation, conversation);

    private static void Note(SqliteSession session, long conversation, long scope, long due)
    {
        using var note = session.Use(SqliteStatements.WriteRemoval);
        note.Bind(1, conversation);
        note.Bind(2, scope);
        note.Bind(3, due);
        note.Run();
    }

    private static bool TryPostpone(SqliteSession session, long conversation, long due)
    {
        using var postpone = session.Use(SqliteStatements.PostponeReservation);
        postpone.Bind(1, conversation);
        postpone.Bind(2, due);
        return postpone.Run() > 0;
    }

    private static bool End(SqliteSession session, string statement, long conversation)
    {
        using var end = session.Use(statement);
        end.Bind(1, conversation);
        return end.Run() > 0;
    }

    /// <summary>A table with rows of conversations.</summary>
    /// <param name="Find">Finds the rows.</param>
    /// <param name="Delete">Deletes them through one of them.</param>
    /// <param name="Free">Deletes before what is found by them alone: idempotency keys, bytes; null if nothing is.</param>
    private sealed record Table(string Find, string Delete, string? Free = null)
    {
        public bool TryRemoveAll(SqliteSession session, long conversation, long scope, WriteShare share)
        {
            var (last, isAll) = FindLast(session, conversation, share);
            if (last is not var (key, number))
                return isAll;

            if (Free is not null)
            {
                using var free = session.Use(Free);
                free.Bind(1, conversation);
                free.Bind(2, scope);
                free.Bind(3, key);
                free.Bind(4, number);
                free.Run();
            }

            using var delete = session.Use(Delete);
            delete.Bind(1, conversation);
            delete.Bind(2, key);
            delete.Bind(3, number);
            delete.Run();
            return isAll;
        }

        private ((long Key, long Number)? Last, bool IsAll) FindLast(SqliteSession session, long conversation, WriteShare share)
        {
            (long, long)? last = null;
            using var find = session.Use(Find);
            find.Bind(1, conversation);
            while (find.Step())
            {
                if (!share.TryTake(find.Int64(2)))
                    return (last, false);
                last = (find.Int64(0), find.Int64(1));
            }

            return (last, true);
        }
    }
}
