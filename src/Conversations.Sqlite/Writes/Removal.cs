namespace Conversations.Storage;

/// <summary>Removes the rows of conversations that do not exist, some at a time, so that no other write waits long.</summary>
internal static class Removal
{
    // Runs are the first: their keys are found by them.
    private static readonly Table[] Tables =
    [
        new(SqliteStatements.FindRemainingRuns, SqliteStatements.DeleteRunsThrough, SqliteStatements.FreeKeysThrough),
        new(SqliteStatements.FindRemainingMessages, SqliteStatements.DeleteMessagesThrough),
        new(SqliteStatements.FindRemainingSummaries, SqliteStatements.DeleteSummariesThrough),
        new(SqliteStatements.FindRemainingSegments, SqliteStatements.DeleteSegmentsThrough),
    ];

    /// <summary>Removes rows of a conversation, by the keys of it and of its scope, as many as one write can.</summary>
    /// <returns><see langword="false"/> if some are left.</returns>
    public static bool TryRemoveAll(SqliteSession session, long conversation, long scope)
    {
        var share = new WriteShare();
        return Array.TrueForAll(Tables, table => table.TryRemoveAll(session, conversation, scope, share));
    }

    /// <summary>Records that rows of a conversation are to be removed.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="conversation">The key of the conversation.</param>
    /// <param name="scope">The key of its scope.</param>
    /// <param name="due">From when on, in ticks.</param>
    public static void Add(SqliteSession session, long conversation, long scope, long due)
    {
        using var add = session.Use(SqliteStatements.AddRemoval);
        add.Bind(1, conversation);
        add.Bind(2, scope);
        add.Bind(3, due);
        add.Run();
    }

    /// <summary>Changes from when on rows of a conversation are removed.</summary>
    /// <returns><see langword="false"/> if they have been removed.</returns>
    public static bool TryPostpone(SqliteSession session, long conversation, long due)
    {
        using var postpone = session.Use(SqliteStatements.PostponeRemoval);
        postpone.Bind(1, conversation);
        postpone.Bind(2, due);
        return postpone.Run() > 0;
    }

    /// <summary>Records that no rows of a conversation are to be removed.</summary>
    /// <returns><see langword="false"/> if they have been removed.</returns>
    public static bool TryEnd(SqliteSession session, long conversation)
    {
        using var end = session.Use(SqliteStatements.EndRemoval);
        end.Bind(1, conversation);
        return end.Run() > 0;
    }

    /// <summary>A table with rows of conversations.</summary>
    /// <param name="Find">Finds the rows.</param>
    /// <param name="Delete">Deletes them through one of them.</param>
    /// <param name="FreeKeys">Deletes their idempotency keys; null if they have none.</param>
    private sealed record Table(string Find, string Delete, string? FreeKeys = null)
    {
        public bool TryRemoveAll(SqliteSession session, long conversation, long scope, WriteShare share)
        {
            var (last, isAll) = FindLast(session, conversation, share);
            if (last is not var (key, number))
                return isAll;

            if (FreeKeys is not null)
            {
                using var free = session.Use(FreeKeys);
                free.Bind(1, conversation);
                free.Bind(2, scope);
                free.Bind(3, key);
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
