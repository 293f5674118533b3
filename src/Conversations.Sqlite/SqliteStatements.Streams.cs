namespace Conversations.Storage;

/// <content>Streams, and the interruption that makes messages of one.</content>
internal static partial class SqliteStatements
{
    /// <summary>Begins a read of several statements of one moment.</summary>
    public const string BeginRead = "BEGIN";

    // The lease, if it is the current one, and the stream of its run, if that has one.
    public const string FindStreamOfLease = """
        SELECT c.key, s.keep_for, s.on_interruption
        FROM conversations c LEFT JOIN streams s ON s.conversation = c.key AND s.run = c.run
        WHERE c.id = ?1 AND c.run = ?2 AND c.lease_until <> 0
        """;

    public const string SaveStream = """
        INSERT INTO streams (conversation, run, keep_for, on_interruption) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (conversation, run) DO UPDATE SET keep_for = excluded.keep_for, on_interruption = excluded.on_interruption
        """;

    // One that is there already is passed over.
    public const string InsertSegment = """
        INSERT INTO segments (run, number, offset, position, role, format, created_at, content) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (run, number) DO NOTHING
        """;

    public const string FindStream = "SELECT s.keep_for, " + LeaseState + """
         FROM conversations c LEFT JOIN streams s ON s.conversation = c.key AND s.run = ?6
        WHERE 
        """ + InReach;

    // From the last segment on that begins at the offset (?2) or before it. Sought from the end, where those read who follow a stream.
    public const string ReadSegments = """
        SELECT g.number, g.offset, g.position, g.role, g.format, g.created_at, g.content FROM segments g
        WHERE g.run = ?1 AND g.number >= COALESCE((SELECT b.number FROM segments b WHERE b.run = ?1 AND b.offset <= ?2 ORDER BY b.number DESC LIMIT 1), 0)
        ORDER BY g.number
        LIMIT ?3 + 0
        """;

    public const string FindHolder = "SELECT " + LeaseState + " FROM conversations c WHERE c.run = ?6 AND c.lease_until <> 0 AND " + InReach;

    public const string FindOnInterruption = "SELECT on_interruption FROM streams WHERE conversation = ?1 AND run = ?2";

    public const string AppendDraft = """
        UPDATE conversations
        SET last_position = last_position + ?2, message_count = message_count + ?2, last_activity_at = MAX(last_activity_at, ?3), last_message_at = ?4
        WHERE key = ?1
        """;

    // A few streams that come after another, with the end of their runs: where a sweep goes on.
    public const string FindStreamsToSweep = """
        SELECT s.conversation, s.run, s.keep_for, r.ended_at
        FROM streams s CROSS JOIN runs r ON r.number = s.run
        WHERE (s.conversation, s.run) > (?1, ?2)
        ORDER BY s.conversation, s.run
        LIMIT ?3 + 0
        """;

    public const string FindRunning = "SELECT 1 FROM runs WHERE number = ?1 AND status = 0";

    public const string DeleteSegments = "DELETE FROM segments WHERE run = ?1";

    public const string DeleteStream = "DELETE FROM streams WHERE conversation = ?1 AND run = ?2";

    public const string DeleteSegmentsOfConversation = "DELETE FROM segments WHERE run IN (SELECT run FROM streams WHERE conversation = ?1)";

    public const string DeleteStreamsOfConversation = "DELETE FROM streams WHERE conversation = ?1";
}
