namespace Conversations.Storage;

/// <summary>Every statement that the store runs, but for pragmas and the schema.</summary>
/// <remarks>A statement that takes a conversation's id has <c>?1</c> to <c>?5</c> in common: the id and the caller's access, bound by
/// <see cref="SqliteParameters.BindAccess"/>. A limit is written <c>?+0</c>: a bare parameter has SQLite prepare the statement anew at every bind.</remarks>
internal static partial class SqliteStatements
{
    public const string Begin = "BEGIN IMMEDIATE";

    public const string Commit = "COMMIT";

    public const string Savepoint = "SAVEPOINT one";

    public const string RollBackToSavepoint = "ROLLBACK TO one";

    public const string ReleaseSavepoint = "RELEASE one";

    // The conversation with the id, if it is in reach: in the project, and everything of it (?3) or of the first audience (?4) or of another (?5).
    private const string InReach = """
        c.id = ?1 AND c.project = ?2
        AND (?3 OR c.audience = ?4 OR c.audience IN (SELECT value FROM json_each(?5)))
        """;

    // The columns that SqliteRows.ReadConversation reads.
    private const string SelectConversation = """
        SELECT c.id, s.session_id, s.project, s.agent, s.channel, s.user_id, s.thread, c.title, c.status,
               c.message_count, c.last_position, c.created_at, c.last_activity_at, c.last_message_at, c.ended_at,
               c.forked_from
        """;

    // The columns that SqliteRows.ReadLeaseState reads.
    private const string LeaseState = "c.key, c.id, c.status, c.run, c.lease_until, c.lease_duration, c.last_position";

    // The columns that SqliteRows.ReadMessage reads, but for the last, the content.
    private const string MessageColumns = "m.key & 0xFFFFFFFF, m.run, m.role, m.format, m.flags, m.created_at, m.tokens, m.counter";

    // What superseded it stands behind the content, and is read only where it was. ?8: whether what was superseded is given, too.
    private const string SelectMessages = "SELECT " + MessageColumns + ", m.content, IIF((m.flags & 2) = 0, NULL, m.superseded_by) FROM conversations c CROSS JOIN messages m";

    private const string IsMeant = "(?8 OR (m.flags & 2) = 0)";

    // The summaries of a conversation (c), newest first.
    private const string NewestSummary = """
        s.key > (c.key << 32) AND s.key <= (c.key << 32) + 0xFFFFFFFF ORDER BY s.key DESC LIMIT 1
        """;

    // The columns that SqliteRows.ReadRun reads.
    private const string SelectRun = """
        SELECT c.id, r.number, r.status, r.caller, r.model, r.input_tokens, r.output_tokens, r.cached_input_tokens, r.error,
               r.idempotency_key, r.input_position, r.input_count, r.output_position, r.output_count, r.started_at, r.ended_at,
               r.cost, r.superseded_by, r.prompt_tokens, r.history_tokens, r.finish_reason
        """;

    // The rest of a list: place, filters, order. Kept to what an index of last_activity_at and id gives in order.
    private const string ListFilters = """
          AND (c.last_activity_at, c.id) < (?1, ?2) AND c.last_activity_at >= ?3
          AND (?4 IS NULL OR c.status = ?4)
          AND (?5 IS NULL OR s.agent = ?5)
          AND (?6 IS NULL OR s.user_id = ?6)
          AND (?7 IS NULL OR s.channel = ?7)
          AND (?8 IS NULL OR s.thread = ?8)
        ORDER BY c.last_activity_at DESC, c.id DESC
        LIMIT ?9 + 0
        """;

    public const string GetConversation =
        SelectConversation + " FROM conversations c JOIN scopes s ON s.key = c.scope WHERE " + InReach;

    public const string GetConversationByKey =
        SelectConversation + " FROM conversations c JOIN scopes s ON s.key = c.scope WHERE c.key = ?1";

    public const string GetCurrent =
        SelectConversation + " FROM scopes s JOIN conversations c ON c.key = s.current WHERE s.session_id = ?1";

    public const string ListByAudience =
        SelectConversation + " FROM conversations c CROSS JOIN scopes s ON s.key = c.scope WHERE c.project = ?10 AND c.audience = ?11" + "\n" + ListFilters;

    public const string ListByProject =
        SelectConversation + " FROM conversations c INDEXED BY conversations_by_project CROSS JOIN scopes s ON s.key = c.scope WHERE c.project = ?10" + "\n" + ListFilters;

    // A step reads the whole row, so the content is left out of one that alone exceeds the limit: it is where the reader stops. A count beyond 2^31 is none.
    public const string ReadWindow =
        "SELECT " + MessageColumns + ", IIF(m.counter = ?9 AND m.tokens > ?10 AND m.tokens <= 0x7FFFFFFF, NULL, m.content) FROM conversations c CROSS JOIN messages m WHERE " + InReach + """
         AND m.key > (c.key << 32) + ?8 AND m.key < (c.key << 32) + ?6 AND m.kind <> 3 AND (m.flags & 2) = 0
        ORDER BY m.key DESC
        LIMIT ?7 + 0
        """;

    public const string ReadMessagesForwards = SelectMessages + " WHERE " + IsMeant + " AND " + InReach + """
         AND m.key > (c.key << 32) + ?6 AND m.key <= (c.key << 32) + 0xFFFFFFFF
        ORDER BY m.key
        LIMIT ?7 + 0
        """;

    public const string ReadMessagesBackwards = SelectMessages + " WHERE " + IsMeant + " AND " + InReach + """
         AND m.key > (c.key << 32) AND m.key < (c.key << 32) + ?6
        ORDER BY m.key DESC
        LIMIT ?7 + 0
        """;

    public const string GetRun =
        SelectRun + " FROM conversations c JOIN runs r ON r.number = ?6 AND r.conversation = c.key WHERE " + InReach;

    // Back along the chain, row by row as they are asked for, so that it stops at the limit. It starts behind the run with the number
    // that is given (?6), where a page starts that follows on another, or else at the last run.
    public const string ListRuns = """
        WITH RECURSIVE chain (id, number) AS (
            SELECT c.id, COALESCE((SELECT b.previous FROM runs b WHERE b.number = ?6 AND b.conversation = c.key), c.run)
            FROM conversations c WHERE 
        """ + InReach + """

            UNION ALL
            SELECT chain.id, r.previous FROM chain JOIN runs r ON r.number = chain.number WHERE r.previous <> 0)

        """ + SelectRun + """
         FROM chain c CROSS JOIN runs r ON r.number = c.number WHERE r.number < ?6 LIMIT ?7 + 0
        """;

    public const string GetRunByNumber =
        SelectRun + " FROM runs r JOIN conversations c ON c.key = r.conversation WHERE r.number = ?1";

    public const string FindTargetByScope =
        "SELECT s.key, " + LeaseState + " FROM scopes s LEFT JOIN conversations c ON c.key = s.current WHERE s.session_id = ?1";

    public const string FindTargetById =
        "SELECT c.scope, " + LeaseState + " FROM conversations c JOIN scopes s ON s.key = c.scope WHERE " + InReach + " AND s.agent = ?6";

    public const string FindKeyedRun =
        "SELECT r.number, r.status, r.fingerprint, r.input_position, r.input_count, " + LeaseState + """
         FROM runs r JOIN conversations c ON c.key = r.conversation
        WHERE r.scope = ?1 AND r.caller = ?2 AND r.idempotency_key = ?3 AND r.idempotency_key IS NOT NULL
        """;

    // Back along the chain from the conversation's last run (?1) to the known one (?2): completed or waiting, on the same input (?3, ?4).
    public const string FindAnswerSince = """
        WITH RECURSIVE chain (number) AS (
            SELECT ?1 WHERE ?1 > ?2
            UNION ALL
            SELECT r.previous FROM chain JOIN runs r ON r.number = chain.number WHERE r.previous > ?2)
        SELECT r.number FROM chain c CROSS JOIN runs r ON r.number = c.number
        WHERE r.input_position = ?3 AND r.input_count = ?4 AND r.status IN (1, 5) AND r.output_count > 0
        LIMIT 1
        """;

    public const string FindKey = "SELECT c.key, c.scope, c.run FROM conversations c WHERE " + InReach;

    public const string InsertScope = """
        INSERT INTO scopes (session_id, project, agent, channel, user_id, thread, audience) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        """;

    public const string FindScope = "SELECT key, current FROM scopes WHERE session_id = ?1";

    public const string InsertConversation = """
        INSERT INTO conversations (id, scope, project, audience, status, message_count, last_position,
                                   created_at, last_activity_at, last_message_at, run, lease_until, lease_duration, title, forked_from)
        VALUES (?1, ?2, ?3, ?4, 0, ?5, ?5, ?6, ?7, ?8, 0, 0, 0, ?9, ?10)
        ON CONFLICT (id) DO NOTHING
        """;

    public const string SetCurrent = "UPDATE scopes SET current = ?2 WHERE key = ?1";

    public const string SetCurrentUnlessActive = """
        UPDATE scopes SET current = ?2
        WHERE key = ?1 AND NOT EXISTS (SELECT 1 FROM conversations c WHERE c.key = scopes.current AND c.status = 0)
        """;

    public const string ClearCurrent = "UPDATE scopes SET current = NULL WHERE key = ?1 AND current = ?2";

    public const string EndConversation = "UPDATE conversations SET status = 1, ended_at = ?2 WHERE key = ?1 AND status = 0";

    // Inserts nothing if the key is known.
    public const string OpenRun = """
        INSERT INTO runs (conversation, previous, scope, caller, status, idempotency_key, fingerprint,
                          input_position, input_count, output_position, output_count, started_at)
        VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8, 0, 0, ?9)
        ON CONFLICT DO NOTHING
        """;

    public const string TakeLease = """
        UPDATE conversations
        SET run = ?2, lease_until = ?3, lease_duration = ?4, title = COALESCE(title, ?5),
            last_position = last_position + ?6, message_count = message_count + ?6,
            last_activity_at = MAX(last_activity_at, ?7), last_message_at = ?8
        WHERE key = ?1
        """;

    public const string TakeLeaseOnSavedInput = """
        UPDATE conversations SET run = ?2, lease_until = ?3, lease_duration = ?4, title = COALESCE(title, ?5) WHERE key = ?1
        """;

    // With what it streamed as its output.
    public const string InterruptRun = """
        UPDATE runs SET status = 4, ended_at = ?2, output_position = ?3, output_count = ?4 WHERE number = ?1 AND status = 0
        """;

    public const string DropLease = "UPDATE conversations SET lease_until = 0 WHERE key = ?1 AND run = ?2";

    public const string ForgetIdempotencyKey = "UPDATE runs SET idempotency_key = NULL, fingerprint = NULL WHERE number = ?1";

    public const string InsertMessage = """
        INSERT INTO messages (key, run, role, kind, format, flags, created_at, tokens, counter, content, superseded_by)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        """;

    public const string CountCurrent = "SELECT COUNT(*) FROM messages m WHERE m.key >= (?1 << 32) + ?2 AND m.key <= (?1 << 32) + ?3 AND (m.flags & 2) = 0";

    public const string FindSuperseded = """
        SELECT 1 FROM messages m WHERE m.key >= (?1 << 32) + ?2 AND m.key <= (?1 << 32) + ?3 AND (m.flags & 2) <> 0 LIMIT 1
        """;

    // From one position (?2) up to another (?3), which the run's own messages begin at.
    public const string SupersedeMessages = """
        UPDATE messages SET flags = flags | 2, superseded_by = ?4
        WHERE key >= (?1 << 32) + ?2 AND key < (?1 << 32) + ?3 AND (flags & 2) = 0
        RETURNING run
        """;

    public const string SupersedeRun = "UPDATE runs SET superseded_by = ?2 WHERE number = ?1";

    // From where on the run (?2) superseded, or from its input on if it did not say: before version 4 no run did, and what it wrote itself stands behind that.
    public const string RestoreMessages = """
        UPDATE messages SET flags = flags & ~2, superseded_by = NULL
        WHERE key >= (?1 << 32) + (SELECT COALESCE(r.superseded_from, r.input_position) FROM runs r WHERE r.number = ?2 AND r.conversation = ?1)
          AND key <= (?1 << 32) + 0xFFFFFFFF AND (flags & 2) <> 0 AND superseded_by = ?2
        RETURNING run
        """;

    // Other runs may have superseded other messages of the run: the last of those is left.
    public const string RestoreRun = """
        UPDATE runs
        SET superseded_by = (
            SELECT MAX(superseded_by) FROM (
                SELECT MAX(m.superseded_by) AS superseded_by FROM messages m
                WHERE m.key >= (?1 << 32) + input_position AND m.key < (?1 << 32) + input_position + input_count
                  AND m.run = number AND (m.flags & 2) <> 0 AND m.superseded_by <> number
                UNION ALL
                SELECT MAX(m.superseded_by) FROM messages m
                WHERE m.key >= (?1 << 32) + output_position AND m.key < (?1 << 32) + output_position + output_count
                  AND m.run = number AND (m.flags & 2) <> 0 AND m.superseded_by <> number))
        WHERE number = ?2
        """;

    public const string Recount = "UPDATE messages SET tokens = ?3, counter = ?4 WHERE key = (?1 << 32) + ?2";

    // Without messages this is no activity.
    public const string ReleaseLease = """
        UPDATE conversations
        SET lease_until = 0, last_position = last_position + ?3, message_count = message_count + ?3,
            last_activity_at = IIF(?3 > 0, MAX(last_activity_at, ?4), last_activity_at), last_message_at = COALESCE(?5, last_message_at)
        WHERE id = ?1 AND run = ?2 AND lease_until <> 0
        RETURNING key, last_position - ?3 + 1
        """;

    public const string CloseRun = """
        UPDATE runs
        SET status = ?2, model = ?3, input_tokens = ?4, output_tokens = ?5, cached_input_tokens = ?6, error = ?7,
            output_position = ?8, output_count = ?9, ended_at = ?10, cost = ?11, prompt_tokens = ?12, history_tokens = ?13, superseded_from = ?14, finish_reason = ?15
        WHERE number = ?1
        """;

    public const string RenewLease = """
        UPDATE conversations SET lease_until = ?3, lease_duration = ?4 WHERE id = ?1 AND run = ?2 AND lease_until <> 0
        """;

    public const string Rename = "UPDATE conversations SET title = ?2 WHERE key = ?1";

    public const string Reopen = """
        UPDATE conversations SET status = 0, ended_at = NULL, last_activity_at = MAX(last_activity_at, ?2)
        WHERE key = ?1 AND status <> 0
        """;

    public const string Close = "UPDATE conversations SET status = ?2, ended_at = COALESCE(ended_at, ?3) WHERE key = ?1";

    public const string DeleteMessages = "DELETE FROM messages WHERE key > (?1 << 32) AND key <= (?1 << 32) + 0xFFFFFFFF";

    // From the conversation's last run (?1) back to its first.
    public const string DeleteRuns = """
        WITH RECURSIVE chain (number) AS (
            SELECT ?1
            UNION ALL
            SELECT r.previous FROM chain JOIN runs r ON r.number = chain.number WHERE r.previous <> 0)
        DELETE FROM runs WHERE number IN (SELECT number FROM chain)
        """;

    public const string DeleteConversation = "DELETE FROM conversations WHERE key = ?1";

    public const string DeleteMessage = "DELETE FROM messages WHERE key = (?1 << 32) + ?2 RETURNING run";

    public const string DeleteSummaries = "DELETE FROM summaries WHERE key > (?1 << 32) AND key <= (?1 << 32) + 0xFFFFFFFF";

    public const string DeleteSummariesThatCover = "DELETE FROM summaries WHERE key >= (?1 << 32) + ?2 AND key <= (?1 << 32) + 0xFFFFFFFF";

    public const string GetSummary = """
        SELECT s.key & 0xFFFFFFFF, s.created_at, s.tokens, s.counter, s.text, s.messages
        FROM conversations c CROSS JOIN summaries s
        WHERE s.key < (c.key << 32) + ?6 AND 
        """ + InReach + " AND " + NewestSummary;

    // Saves it only if what it was made from is still what stands there: the newest summary (?7, ?13), and so many messages (?8) up to its
    // end (?6), so many of them superseded (?14), at the last by the same run (?15). That is read only of those that are: it stands behind the content.
    public const string SaveSummary = """
        INSERT INTO summaries (key, messages, created_at, tokens, counter, text)
        SELECT (c.key << 32) + ?6, ?13 + ?8, ?9, ?10, ?11, ?12
        FROM conversations c
        WHERE ?6 > ?7 AND ?6 <= c.last_position
          AND ?7 = COALESCE((SELECT s.key & 0xFFFFFFFF FROM summaries s WHERE 
        """ + NewestSummary + """
        ), 0)
          AND ?13 = COALESCE((SELECT s.messages FROM summaries s WHERE 
        """ + NewestSummary + """
        ), 0)
          AND (?8, ?14, ?15) = (
              SELECT COUNT(*), COUNT(IIF((m.flags & 2) = 0, NULL, 1)), COALESCE(MAX(IIF((m.flags & 2) = 0, NULL, m.superseded_by)), 0)
              FROM messages m WHERE m.key > (c.key << 32) + ?7 AND m.key <= (c.key << 32) + ?6)
          AND 
        """ + InReach;

    public const string CountOneLess = "UPDATE conversations SET message_count = message_count - 1 WHERE key = ?1";
}
