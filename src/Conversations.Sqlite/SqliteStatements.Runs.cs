namespace Conversations.Storage;

/// <content>Closed runs, their idempotency keys, and their usage.</content>
internal static partial class SqliteStatements
{
    // The columns that RunRow reads.
    private const string SelectRun = """
        SELECT r.key & 0xFFFFFFFF, r.status, r.caller, r.model, r.finish_reason, r.error, r.idempotency_key, r.fingerprint,
               r.input_tokens, r.output_tokens, r.cached_input_tokens, r.cost, r.prompt_tokens, r.history_tokens,
               r.input_position, r.input_count, r.output_position, r.output_count, r.started_at, r.ended_at, r.superseded_from, r.segments_expire_at, r.superseded_by,
               r.on_existing_input, r.kind, r.window_start, r.replaced_position, r.cache_write_input_tokens, r.reasoning_tokens, r.usage_by_model
        FROM runs r
        """;

    public const string FindRun = SelectRun + " WHERE r.key = ?1";

    // Between two numbers (?2, ?3).
    private const string RunsBetween = """

        WHERE r.key > (?1 << 32) + ?2 AND r.key < (?1 << 32) + ?3
        """;

    private const string NewestRunsFirst = """

        ORDER BY r.key DESC LIMIT ?4 + 0
        """;

    public const string ReadRuns = SelectRun + RunsBetween + NewestRunsFirst;

    // Only those on the existing input at a position (?5).
    public const string ReadRunsOnExistingInput =
        SelectRun + RunsBetween + " AND r.key >> 32 = ?1 AND r.input_position = ?5 AND r.on_existing_input" + NewestRunsFirst;

    public const string WriteRun = """
        INSERT OR REPLACE INTO runs (key, status, caller, model, finish_reason, error, idempotency_key, fingerprint,
                                     input_tokens, output_tokens, cached_input_tokens, cost, prompt_tokens, history_tokens,
                                     input_position, input_count, output_position, output_count, started_at, ended_at, superseded_from, segments_expire_at, superseded_by, on_existing_input, kind, window_start, replaced_position,
                                     cache_write_input_tokens, reasoning_tokens, usage_by_model)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30)
        """;

    // The key of a conversation that was deleted is free, even if its row is not removed yet: see Removal.
    public const string FindKeyedRun = """
        SELECT k.run FROM idempotency_keys k
        WHERE k.scope = ?1 AND k.caller = ?2 AND k.value = ?3 AND EXISTS (SELECT 1 FROM conversations c WHERE c.key = k.run >> 32)
        """;

    public const string FindKeyOfRun = "SELECT COALESCE(r.caller, ''), r.idempotency_key FROM runs r WHERE r.key = ?1";

    // Changes nothing if the key is taken.
    public const string TakeKey = """
        INSERT INTO idempotency_keys (scope, caller, value, run) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT DO UPDATE SET run = excluded.run WHERE NOT EXISTS (SELECT 1 FROM conversations c WHERE c.key = idempotency_keys.run >> 32)
        """;

    public const string FreeKey = "DELETE FROM idempotency_keys WHERE scope = ?1 AND caller = ?2 AND value = ?3 AND run = ?4";

    // The columns that SqliteUsage reads.
    private const string SelectUsage = """
        SELECT c.id, s.agent, r.caller, r.started_at, r.input_tokens, r.output_tokens, r.cached_input_tokens, r.cost, r.prompt_tokens, r.history_tokens, r.kind,
               r.cache_write_input_tokens, r.reasoning_tokens, r.model, r.usage_by_model
        """;

    // The runs that are added up, of conversations in reach (?2 to ?5).
    private const string UsageFilters = """
        c.project = ?2 AND (?3 OR c.audience = ?4 OR c.audience IN (SELECT value FROM json_each(?5)))
          AND r.started_at >= ?6 AND r.started_at < ?7 AND (?8 IS NULL OR s.agent = ?8)
        """;

    // Reports have no index, because it would make every turn more expensive: a report reads all runs.
    public const string SumUsage =
        SelectUsage + " FROM runs r CROSS JOIN conversations c ON c.key = r.key >> 32 CROSS JOIN scopes s ON s.key = c.scope WHERE " + UsageFilters;

    public const string SumUsageOfConversation =
        SelectUsage + " FROM conversations c CROSS JOIN scopes s ON s.key = c.scope CROSS JOIN runs r WHERE c.id = ?1 AND " + UsageFilters + """

          AND r.key > (c.key << 32) AND r.key <= (c.key << 32) + 0xFFFFFFFF
        """;
}
