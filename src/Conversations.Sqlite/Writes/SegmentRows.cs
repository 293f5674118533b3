namespace Conversations.Storage;

/// <summary>Writes rows of segments.</summary>
internal static class SegmentRows
{
    /// <summary>Gets whether a run, by its key, has segments.</summary>
    public static bool Has(SqliteSession session, long run)
    {
        using var find = session.Use(SqliteStatements.HasSegments);
        find.Bind(1, run);
        return find.Step();
    }

    /// <summary>Inserts a segment, unless the run has one with its number.</summary>
    public static void Insert(SqliteSession session, long run, StreamSegment segment)
    {
        using var insert = session.Use(SqliteStatements.InsertSegment);
        insert.Bind(1, run);
        insert.Bind(2, segment.Number);
        insert.Bind(3, segment.Offset);
        insert.Bind(4, segment.Content);
        insert.Run();
    }

    /// <summary>Deletes the segments of a run of a conversation, if there are any.</summary>
    public static void Delete(SqliteSession session, long conversation, long number)
    {
        if (RowValues.IsNumber(number))
            Delete(session, RowValues.Key(conversation, number));
    }

    /// <summary>Deletes the segments of a run, by its key.</summary>
    public static void Delete(SqliteSession session, long run)
    {
        using var delete = session.Use(SqliteStatements.DeleteSegments);
        delete.Bind(1, run);
        delete.Run();
    }
}
