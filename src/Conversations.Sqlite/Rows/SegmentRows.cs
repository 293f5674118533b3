namespace Conversations.Storage;

/// <summary>Reads and writes rows of segments.</summary>
internal static class SegmentRows
{
    // Not JSON, so the library reads it as damage.
    private const string Damaged = "damaged";

    /// <summary>Reads a segment of a run, by its key. The content of a damaged one is what the library reads as damage.</summary>
    public static StreamSegment Read(SqliteStatement row, long run)
    {
        var (number, offset) = (row.Int64(0), row.Int64(1));
        return new StreamSegment((int)number, offset, row.CheckedText(3, 2, Seed(run, number, offset)) ?? Damaged);
    }

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
        insert.Bind(5, segment.Content, 4, Seed(run, segment.Number, segment.Offset));
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

    private static long Seed(long run, long number, long offset) => Checksum.Seed(Checksum.Seed(run, number), offset);
}
