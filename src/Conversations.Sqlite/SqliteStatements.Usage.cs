namespace Conversations.Storage;

/// <content>What runs used. There is no index for it, which every turn would pay for: a report reads the runs through, or those of one conversation along their chain.</content>
internal static partial class SqliteStatements
{
    // The columns that SqliteUsage reads.
    private const string SelectUsage = """
        SELECT c.id, s.agent, r.number, r.caller, r.started_at, r.input_tokens, r.output_tokens, r.cached_input_tokens, r.cost,
               r.prompt_tokens, r.history_tokens
        """;

    // Which runs are meant, and whose conversation is in reach (?2 to ?5).
    private const string UsageFilters = """
        c.project = ?2 AND (?3 OR c.audience = ?4 OR c.audience IN (SELECT value FROM json_each(?5)))
          AND r.started_at >= ?6 AND r.started_at < ?7 AND (?8 IS NULL OR s.agent = ?8)
        """;

    public const string SumUsage =
        SelectUsage + " FROM runs r CROSS JOIN conversations c ON c.key = r.conversation CROSS JOIN scopes s ON s.key = c.scope WHERE " + UsageFilters;

    public const string SumUsageOfConversation = """
        WITH RECURSIVE chain (number) AS (
            SELECT run FROM conversations WHERE id = ?1
            UNION ALL
            SELECT r.previous FROM chain JOIN runs r ON r.number = chain.number WHERE r.previous <> 0)

        """ + SelectUsage + """
         FROM chain CROSS JOIN runs r ON r.number = chain.number CROSS JOIN conversations c ON c.key = r.conversation CROSS JOIN scopes s ON s.key = c.scope
        WHERE 
        """ + UsageFilters;
}
