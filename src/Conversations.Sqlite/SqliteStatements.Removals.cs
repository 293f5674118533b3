namespace Conversations.Storage;

/// <content>Rows of conversations that do not exist: see <see cref="Removal"/>.</content>
internal static partial class SqliteStatements
{
    // Each finds the rows of a conversation (?1): its key in two parts, and the size of its content. The length in bytes is known without reading the content.
    public const string FindRemainingRuns = "SELECT r.key, 0, 0 FROM runs r WHERE r.key > (?1 << 32) AND r.key <= (?1 << 32) + 0xFFFFFFFF ORDER BY r.key";

    public const string FindRemainingMessages =
        "SELECT m.key, 0, octet_length(m.content) FROM messages m WHERE m.key > (?1 << 32) AND m.key <= (?1 << 32) + 0xFFFFFFFF ORDER BY m.key";

    public const string FindRemainingSummaries =
        "SELECT s.key, 0, octet_length(s.text) FROM summaries s WHERE s.key > (?1 << 32) AND s.key <= (?1 << 32) + 0xFFFFFFFF ORDER BY s.key";

    public const string FindRemainingSegments =
        "SELECT g.run, g.number, octet_length(g.content) FROM segments g WHERE g.run > (?1 << 32) AND g.run <= (?1 << 32) + 0xFFFFFFFF ORDER BY g.run, g.number";

    public const string FindRemainingFeedback =
        "SELECT f.position, 0, octet_length(f.comment) FROM feedback f WHERE f.conversation = ?1 ORDER BY f.position";

    // Bytes that messages of other conversations have remain.
    public const string FindRemainingData = """
        SELECT x.message, x.data, IIF(EXISTS (SELECT 1 FROM message_data o WHERE o.data = x.data AND o.message >> 32 <> ?1), 0, octet_length(d.bytes))
        FROM message_data x JOIN data d ON d.key = x.data
        WHERE x.message > (?1 << 32) AND x.message <= (?1 << 32) + 0xFFFFFFFF
        ORDER BY x.message, x.data
        """;

    // Each deletes the rows of a conversation (?1) through one of them (?2, ?3), whose second part is 0 where rows have a single key.
    public const string DeleteRunsThrough = "DELETE FROM runs WHERE key > (?1 << 32) AND key <= ?2 + ?3";

    public const string DeleteMessagesThrough = "DELETE FROM messages WHERE key > (?1 << 32) AND key <= ?2 + ?3";

    public const string DeleteSummariesThrough = "DELETE FROM summaries WHERE key > (?1 << 32) AND key <= ?2 + ?3";

    public const string DeleteSegmentsThrough = "DELETE FROM segments WHERE run > (?1 << 32) AND (run, number) <= (?2, ?3)";

    public const string DeleteFeedbackThrough = "DELETE FROM feedback WHERE conversation = ?1 AND position <= ?2 + ?3";

    public const string DeleteDataThrough = "DELETE FROM message_data WHERE message > (?1 << 32) AND (message, data) <= (?2, ?3)";

    // The bytes that no row but those of a conversation (?1) through one of them (?3, ?4) has.
    public const string FreeDataThrough = """
        DELETE FROM data
        WHERE key IN (SELECT x.data FROM message_data x WHERE x.message > (?1 << 32) AND (x.message, x.data) <= (?3, ?4))
          AND NOT EXISTS (
            SELECT 1 FROM message_data o
            WHERE o.data = data.key AND NOT (o.message > (?1 << 32) AND (o.message, o.data) <= (?3, ?4)))
        """;

    // The keys of the closed runs of a conversation (?1) of a scope (?2) through one of them (?3, ?4).
    public const string FreeKeysThrough = """
        DELETE FROM idempotency_keys
        WHERE scope = ?2 AND run >> 32 = ?1 AND (caller, value) IN (
            SELECT COALESCE(r.caller, ''), r.idempotency_key FROM runs r
            WHERE r.key > (?1 << 32) AND r.key <= ?3 + ?4 AND r.idempotency_key IS NOT NULL)
        """;

    // The key of the open run of a conversation (?1) of a scope (?2).
    public const string FreeKeyOfOpenRun = """
        DELETE FROM idempotency_keys
        WHERE scope = ?2 AND (caller, value) IN (SELECT COALESCE(c.open_caller, ''), c.open_key FROM conversations c WHERE c.key = ?1 AND c.open_key IS NOT NULL)
        """;

    // Those that are due by now (?1), or later than any reservation that is made now (?2): the clock has been set back.
    public const string FindRemovals = "SELECT v.key, v.scope FROM removals v WHERE v.due <= ?1 OR v.due > ?2 ORDER BY v.key";

    public const string WriteRemoval = "INSERT OR REPLACE INTO removals (key, scope, due) VALUES (?1, ?2, ?3)";

    public const string EndRemoval = "DELETE FROM removals WHERE key = ?1";

    // A reservation of which nothing has been removed.
    public const string PostponeReservation = "UPDATE removals SET due = ?2 WHERE key = ?1 AND due > 0";

    public const string EndReservation = "DELETE FROM removals WHERE key = ?1 AND due > 0";

    // SQLite documents that an application can change this table. It has no row before the first conversation.
    public const string ReserveKey = "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'conversations' RETURNING seq";

    public const string ReserveFirstKey = "INSERT INTO sqlite_sequence (name, seq) VALUES ('conversations', 1) RETURNING seq";
}
