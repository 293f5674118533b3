namespace Conversations.Storage;

/// <summary>Every statement of the store except pragmas and the schema.</summary>
/// <remarks>A statement that takes the id of a conversation has <c>?1</c> to <c>?5</c> in common: the id and the caller's access, bound by
/// <see cref="SqliteParameters.BindAccess"/>. A limit is written <c>?+0</c>, because SQLite prepares a statement with a bare parameter there again at every bind.</remarks>
internal static partial class SqliteStatements
{
    public const string Begin = "BEGIN IMMEDIATE";

    /// <summary>Begins several reads as of one moment.</summary>
    public const string BeginRead = "BEGIN";

    /// <summary>Reads the version of the schema, and from which version on it is usable: see <see cref="SqliteMigrator"/>.</summary>
    public const string SchemaMark = "PRAGMA user_version";

    public const string Commit = "COMMIT";

    public const string RollBack = "ROLLBACK";

    public const string Savepoint = "SAVEPOINT one";

    public const string RollBackToSavepoint = "ROLLBACK TO one";

    public const string ReleaseSavepoint = "RELEASE one";

    // The conversation with the id, if it is in reach: in the project, and everything of it (?3) or of the first audience (?4) or of another (?5).
    private const string InReach = """
        c.id = ?1 AND c.project = ?2
        AND (?3 OR c.audience = ?4 OR c.audience IN (SELECT value FROM json_each(?5)))
        """;

    // The columns that ConversationRow.ReadConversation reads.
    private const string ConversationColumns = """
        c.key, c.scope, c.id, c.status, c.message_count, c.last_position, c.created_at, c.last_activity_at, c.last_message_at, c.ended_at, c.title, c.forked_from,
        c.last_run_status, c.metadata
        """;

    // The columns that ConversationRow.Read reads after those.
    private const string StateColumns = """
        c.version, c.history_revision, c.last_run, c.window_start, c.last_failed_run, c.open_number, c.open_token, c.lease_until, c.lease_duration, c.open_caller, c.open_key, c.open_fingerprint,
        c.open_input_position, c.open_input_count, c.open_started_at, c.on_interruption, c.segment_retention, c.open_run
        """;

    // The columns that ScopeFields.Read reads.
    private const string ScopeColumns = "s.session_id, s.project, s.agent, s.channel, s.user_id, s.thread";

    // The rest of a list: place, filters, order. Limited to what an index of last_activity_at and id gives in order.
    private const string ListFilters = """

          AND (c.last_activity_at, c.id) < (?1, ?2) AND c.last_activity_at >= ?3
          AND (?4 IS NULL OR c.status = ?4)
          AND (?5 IS NULL OR s.agent = ?5)
          AND (?6 IS NULL OR s.user_id = ?6)
          AND (?7 IS NULL OR s.channel = ?7)
          AND (?8 IS NULL OR s.thread = ?8)
          AND (?12 IS NULL OR c.last_run_status = ?12)
        ORDER BY c.last_activity_at DESC, c.id DESC
        LIMIT ?9 + 0
        """;

    private const string SelectList = "SELECT " + ConversationColumns + ", " + ScopeColumns + " FROM conversations c ";

    /// <summary>Finds the current conversation of a scope. A scope without one is a row of NULLs, but for the key of the scope at the end.</summary>
    public const string FindCurrent =
        "SELECT " + ConversationColumns + ", " + StateColumns + ", s.key FROM scopes s LEFT JOIN conversations c ON c.key = s.current WHERE s.session_id = ?1";

    public const string FindConversation =
        "SELECT " + ConversationColumns + ", " + StateColumns + ", " + ScopeColumns + " FROM conversations c JOIN scopes s ON s.key = c.scope WHERE " + InReach;

    public const string FindConversationByKey =
        "SELECT " + ConversationColumns + ", " + StateColumns + " FROM conversations c WHERE c.key = ?1";

    public const string FindKey = "SELECT c.key, c.scope FROM conversations c WHERE " + InReach;

    public const string ListByAudience =
        SelectList + "CROSS JOIN scopes s ON s.key = c.scope WHERE c.project = ?10 AND c.audience = ?11" + ListFilters;

    public const string ListByProject =
        SelectList + "INDEXED BY conversations_by_project CROSS JOIN scopes s ON s.key = c.scope WHERE c.project = ?10" + ListFilters;

    // Those whose newest turn requires action.
    public const string ListWaiting =
        SelectList + "INDEXED BY conversations_that_wait CROSS JOIN scopes s ON s.key = c.scope WHERE c.project = ?10 AND c.last_run_status = 5" + ListFilters;

    // Usually the first is taken: see SummaryRow.
    public const string FindSummary = """
        SELECT s.key, s.messages, s.created_at, s.tokens, s.counter, s.checksum, s.text
        FROM summaries s
        WHERE s.key > (?1 << 32) AND s.key < (?1 << 32) + ?2
        ORDER BY s.key DESC
        """;

    // The columns that MessageReader reads.
    // A step reads the whole row, so the content is not read if the message alone exceeds the token limit (?4, ?5). A count above 2^31 is no count.
    private const string SelectMessages = """
        SELECT m.key, m.run, m.role, m.format, m.flags, m.created_at, m.tokens, m.counter, m.author, m.checksum,
               IIF(m.counter = ?4 AND m.tokens > ?5 AND m.tokens <= 0x7FFFFFFF, NULL, m.content)
        """;

    // What superseded a message is stored behind the content, and is read only where the flag is set.
    // ?6, ?7: whether superseded messages and errors are read too. ?9: only messages of a role.
    private const string SelectPage = SelectMessages + """
        , IIF((m.flags & 2) = 0, NULL, m.superseded_by)
        FROM messages m
        WHERE m.key > (?1 << 32) + ?2 AND m.key < (?1 << 32) + ?8 AND (?6 OR (m.flags & 2) = 0) AND (?7 OR m.kind <> 3) AND (?9 IS NULL OR m.role = ?9)
        """;

    public const string ReadWindow = SelectMessages + """

        FROM messages m
        WHERE m.key > (?1 << 32) + ?2 AND m.key <= (?1 << 32) + 0xFFFFFFFF AND m.kind <> 3 AND (m.flags & 2) = 0
        ORDER BY m.key DESC LIMIT ?3 + 0
        """;

    public const string ReadMessagesForwards = SelectPage + " ORDER BY m.key LIMIT ?3 + 0";

    public const string ReadMessagesBackwards = SelectPage + " ORDER BY m.key DESC LIMIT ?3 + 0";
}
