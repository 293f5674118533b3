namespace Conversations.Storage;

/// <content>Segments of runs that stream.</content>
internal static partial class SqliteStatements
{
    // Only if the open run has the number (?6) and the token (?7).
    public const string TouchOpenRun = "UPDATE conversations AS c SET version = version + 1 WHERE " + InReach + " AND c.open_number = ?6 AND c.open_token = ?7 RETURNING key";

    public const string HasSegments = "SELECT 1 FROM segments WHERE run = ?1 LIMIT 1";

    // A segment that is stored already is skipped.
    public const string InsertSegment = "INSERT INTO segments (run, number, offset, checksum, content) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (run, number) DO NOTHING";

    // From the last segment on that begins at the offset (?2) or before it. It is searched from the end, where followers of a stream read.
    public const string ReadSegments = """
        SELECT g.number, g.offset, g.checksum, g.content FROM segments g
        WHERE g.run = ?1 AND g.number >= COALESCE((SELECT b.number FROM segments b WHERE b.run = ?1 AND b.offset <= ?2 ORDER BY b.number DESC LIMIT 1), 0)
        ORDER BY g.number
        LIMIT ?3 + 0
        """;

    // The next run (after ?1) that has segments, and when they expire: NULL for an open run.
    public const string FindNextStream = """
        SELECT g.run, (SELECT r.segments_expire_at FROM runs r WHERE r.key = g.run) FROM segments g WHERE g.run > ?1 ORDER BY g.run LIMIT 1
        """;

    public const string DeleteSegments = "DELETE FROM segments WHERE run = ?1";
}
