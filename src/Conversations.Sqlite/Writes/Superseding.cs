namespace Conversations.Storage;

/// <summary>Supersedes messages and makes them current again, within a commit [19]. One that does neither runs none of this.</summary>
internal static class Superseding
{
    /// <summary>Whether a message of a span is superseded; one that was deleted is not [6.5].</summary>
    public static bool HasSuperseded(SqliteSession session, long conversation, MessageSpan span)
    {
        using var find = session.Use(SqliteStatements.FindSuperseded);
        find.Bind(1, conversation);
        find.Bind(2, span.Position);
        find.Bind(3, span.End);
        return find.Step();
    }

    /// <summary>Supersedes what is current from a position up to another, and drops the summaries that cover it [19.2, 19.6].</summary>
    /// <returns>From where on, which the run is closed with: there a restore begins.</returns>
    public static long Supersede(SqliteSession session, long conversation, long from, long end, long by)
    {
        // A position below 1 would be one of another conversation. What lies beyond the end is the same as the end.
        from = Math.Clamp(from, 1, end);
        var runs = new HashSet<long>();
        using (var update = session.Use(SqliteStatements.SupersedeMessages))
        {
            update.Bind(1, conversation);
            update.Bind(2, from);
            update.Bind(3, end);
            update.Bind(4, by);
            ReadRuns(update, runs);
        }

        runs.Remove(by);
        foreach (var number in runs)
        {
            using var mark = session.Use(SqliteStatements.SupersedeRun);
            mark.Bind(1, number);
            mark.Bind(2, by);
            mark.Run();
        }

        SummaryRow.DropFrom(session, conversation, from);
        return from;
    }

    /// <summary>Makes current again what a run superseded [19.3].</summary>
    public static void Restore(SqliteSession session, long conversation, long by)
    {
        var runs = new HashSet<long>();
        using (var update = session.Use(SqliteStatements.RestoreMessages))
        {
            update.Bind(1, conversation);
            update.Bind(2, by);
            ReadRuns(update, runs);
        }

        foreach (var number in runs)
        {
            using var restore = session.Use(SqliteStatements.RestoreRun);
            restore.Bind(1, conversation);
            restore.Bind(2, number);
            restore.Run();
        }
    }

    private static void ReadRuns(SqliteStatement update, HashSet<long> runs)
    {
        while (update.Step())
        {
            if (update.OptionalInt64(0) is { } run)
                runs.Add(run);
        }
    }
}
