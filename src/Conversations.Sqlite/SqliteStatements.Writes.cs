namespace Conversations.Storage;

/// <content>What a batch and a deletion write.</content>
internal static partial class SqliteStatements
{
    public const string Ping = "SELECT COUNT(*) FROM (SELECT 1 FROM conversations LIMIT 1)";

    // The columns that TargetRow reads: a conversation that has the version (?6).
    public const string FindTarget = """
        SELECT c.key, c.scope, c.used_position, c.last_activity_at, c.open_number, c.open_caller, c.open_key FROM conversations c WHERE c.version = ?6 AND (?7 IS NULL OR c.open_token = ?7) AND 
        """ + InReach;

    // The values that ConversationRow.Bind binds, without the key (?1) and what never changes.
    private const string SetConversation = """
        UPDATE conversations
        SET version = ?2, history_revision = ?3, status = ?4, message_count = ?5, last_position = ?6, used_position = ?7, created_at = ?8, last_message_at = ?9,
            ended_at = ?10, last_run = ?11, title = ?12, forked_from = ?13, open_number = ?14, open_token = ?15, lease_until = ?16, lease_duration = ?17,
            open_caller = ?18, open_key = ?19, open_fingerprint = ?20, open_input_position = ?21, open_input_count = ?22, open_started_at = ?23,
            on_interruption = ?24, segment_retention = ?25, open_run = ?26, last_run_status = ?27, window_start = ?28, last_failed_run = ?29, metadata = ?30
        """;

    // SQLite writes an index whenever one of its columns is set, even to the same value. So a statement that keeps the last activity does not set it.
    public const string UpdateConversation = SetConversation + " WHERE key = ?1";

    public const string UpdateActiveConversation = SetConversation + ", last_activity_at = ?31 WHERE key = ?1";

    // Inserts nothing if the id exists. The key (?1) is bound only if it was reserved before.
    public const string InsertConversation = """
        INSERT INTO conversations (
            key, version, history_revision, status, message_count, last_position, used_position, created_at, last_message_at,
            ended_at, last_run, title, forked_from, open_number, open_token, lease_until, lease_duration,
            open_caller, open_key, open_fingerprint, open_input_position, open_input_count, open_started_at,
            on_interruption, segment_retention, open_run, last_run_status, window_start, last_failed_run, metadata, last_activity_at, id, scope, project, audience)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35)
        ON CONFLICT (id) DO NOTHING
        """;

    public const string FindScope = "SELECT key FROM scopes WHERE session_id = ?1";

    public const string InsertScope = "INSERT INTO scopes (session_id, project, agent, channel, user_id, thread, audience) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

    // From one conversation (?2), or from none, to another (?3). The expected one must exist.
    public const string MovePointer = """
        UPDATE scopes SET current = (SELECT c.key FROM conversations c WHERE c.id = ?3 AND c.scope = scopes.key)
        WHERE key = ?1 AND current IS (SELECT c.key FROM conversations c WHERE c.id = ?2) AND (?2 IS NULL OR current IS NOT NULL)
        """;

    public const string ClearPointer = "UPDATE scopes SET current = NULL WHERE key = ?1 AND current = ?2";

    // Inserts nothing if the position is taken.
    public const string InsertMessage = """
        INSERT INTO messages (key, run, role, kind, format, flags, created_at, tokens, counter, checksum, content, superseded_by, author)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
        ON CONFLICT DO NOTHING
        """;

    public const string DeleteMessage = "DELETE FROM messages WHERE key = (?1 << 32) + ?2";

    public const string Recount = "UPDATE messages SET tokens = ?3, counter = ?4 WHERE key = (?1 << 32) + ?2";

    // From one position (?2) through another (?3): those that the expected run (?4) superseded, or none if it is NULL.
    public const string Supersede = """
        UPDATE messages SET flags = IIF(?5 IS NULL, flags & ~2, flags | 2), superseded_by = ?5
        WHERE key >= (?1 << 32) + ?2 AND key <= (?1 << 32) + ?3
          AND IIF(?4 IS NULL, (flags & 2) = 0, (flags & 2) <> 0 AND superseded_by = ?4)
        """;

    public const string WriteSummary = "INSERT OR REPLACE INTO summaries (key, messages, created_at, tokens, counter, checksum, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

    public const string DropSummaries = "DELETE FROM summaries WHERE key >= (?1 << 32) + ?2 AND key <= (?1 << 32) + 0xFFFFFFFF";

    public const string DeleteConversation = "DELETE FROM conversations WHERE key = ?1";

    // The index by audience finds the others of the scope: few scopes share an audience.
    public const string DeleteEmptyScope = """
        DELETE FROM scopes WHERE key = ?1 AND NOT EXISTS
            (SELECT 1 FROM conversations c WHERE c.project = scopes.project AND c.audience = scopes.audience AND c.scope = scopes.key)
        """;
}
