namespace Conversations.Storage;

/// <summary>Reads pages of messages, runs and segments, each on one connection.</summary>
/// <remarks>The key of a conversation is found first, with the caller's access, and then the page by the key. A single page needs no transaction:
/// a key is never used twice, so what was deleted in between is read as empty.</remarks>
internal static class SqliteReads
{
    public static IReadOnlyList<StoredMessage> Messages(SqliteSession session, MessageRange range)
    {
        if (FindKey(session, range.ConversationId, range.Access) is not { } conversation)
            return [];

        using var read = session.Use(range.NewestFirst ? SqliteStatements.ReadMessagesBackwards : SqliteStatements.ReadMessagesForwards);
        read.Bind(1, conversation.Key);
        read.Bind(2, RowValues.Bound(range.After));
        MessageReader.BindLimits(read, range.Limit, range.TokenLimit);
        read.Bind(6, range.CurrentOnly ? 0L : 1L);
        read.Bind(7, range.SkipErrors ? 0L : 1L);
        read.Bind(8, RowValues.Bound(range.Before ?? long.MaxValue));
        read.Bind(9, (long?)range.Role);
        return MessageReader.Read(read, range.ConversationId, range.Limit, range.TokenLimit, withSuperseded: true);
    }

    public static IReadOnlyList<StoredRun> Runs(SqliteSession session, RunRange range)
    {
        // Both reads are in one transaction: a run that is closed in between would be found twice or not at all.
        session.Run(SqliteStatements.BeginRead);
        try
        {
            if (FindOpenRun(session, range.ConversationId, range.Access) is not var (key, open))
                return [];

            var runs = ReadRuns(session, key, range);
            open?.InsertInto(runs, range);
            return runs;
        }
        finally
        {
            session.RollBack();
        }
    }

    public static IReadOnlyList<StreamSegment> Segments(SqliteSession session, SegmentRange range)
    {
        if (!RowValues.IsNumber(range.RunNumber) || FindKey(session, range.ConversationId, range.Access) is not { } conversation)
            return [];

        using var read = session.Use(SqliteStatements.ReadSegments);
        var run = RowValues.Key(conversation.Key, range.RunNumber);
        read.Bind(1, run);
        read.Bind(2, range.From);
        read.Bind(3, range.Limit);

        var segments = new List<StreamSegment>();
        while (read.Step())
            segments.Add(SegmentRows.Read(read, run));
        return segments;
    }

    /// <summary>Finds the keys of a conversation and of its scope; <see langword="null"/> if it does not exist or is out of reach [8].</summary>
    public static (long Key, long Scope)? FindKey(SqliteSession session, string conversationId, ConversationAccess access)
    {
        using var find = session.Use(SqliteStatements.FindKey);
        find.BindAccess(conversationId, access);
        return find.Step() ? (find.Int64(0), find.Int64(1)) : null;
    }

    private static (long Key, OpenRun? Open)? FindOpenRun(SqliteSession session, string conversationId, ConversationAccess access)
    {
        using var find = session.Use(SqliteStatements.FindConversation);
        find.BindAccess(conversationId, access);
        return find.Step() ? (ConversationRow.Key(find), ConversationRow.ReadOpenRun(find, conversationId)) : null;
    }

    private static List<StoredRun> ReadRuns(SqliteSession session, long key, RunRange range)
    {
        var runs = new List<StoredRun>(Math.Min(range.Limit, 16));
        using var read = session.Use(range.OnExistingInput is null ? SqliteStatements.ReadRuns : SqliteStatements.ReadRunsOnExistingInput);
        read.Bind(1, key);
        read.Bind(2, RowValues.Bound(range.After));
        read.Bind(3, RowValues.Bound(range.Before ?? long.MaxValue));
        read.Bind(4, range.Limit);
        if (range.OnExistingInput is { } input)
            read.Bind(5, input);
        while (read.Step())
            runs.Add(RunRow.Read(read, range.ConversationId));
        return runs;
    }
}
