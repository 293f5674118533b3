using Microsoft.Data.Sqlite;

namespace Conversations.Soak.Checking;

/// <summary>Checks a database file without the store: whether SQLite finds it intact, and whether each row belongs to an existing one.</summary>
internal static class DatabaseCheck
{
    private const string Rows = """
        WITH known (key) AS (SELECT key FROM conversations UNION ALL SELECT key FROM removals), all_runs (key, idempotency_key) AS (
            SELECT key, idempotency_key FROM runs UNION ALL
            SELECT key << 32 | open_number, open_key FROM conversations WHERE open_number IS NOT NULL)
        SELECT 'a message without its conversation' WHERE EXISTS (SELECT 1 FROM messages WHERE key >> 32 NOT IN (SELECT key FROM known)) UNION ALL
        SELECT 'a summary without its conversation' WHERE EXISTS (SELECT 1 FROM summaries WHERE key >> 32 NOT IN (SELECT key FROM known)) UNION ALL
        SELECT 'a run without its conversation' WHERE EXISTS (SELECT 1 FROM runs WHERE key >> 32 NOT IN (SELECT key FROM known)) UNION ALL
        SELECT 'a conversation without its scope' WHERE EXISTS (SELECT 1 FROM conversations WHERE scope NOT IN (SELECT key FROM scopes)) UNION ALL
        SELECT 'a conversation that counts its messages wrongly' WHERE EXISTS (
            SELECT 1 FROM conversations c WHERE message_count <> (SELECT COUNT(*) FROM messages m WHERE m.key >> 32 = c.key)) UNION ALL
        SELECT 'a scope that points to a conversation of another scope, or to none' WHERE EXISTS (
            SELECT 1 FROM scopes s WHERE current IS NOT NULL AND NOT EXISTS (SELECT 1 FROM conversations c WHERE c.key = s.current AND c.scope = s.key)) UNION ALL
        SELECT 'a message without its run' WHERE EXISTS (
            SELECT 1 FROM messages WHERE run IS NOT NULL AND ((key >> 32 << 32) | run) NOT IN (SELECT key FROM all_runs) AND key >> 32 NOT IN (SELECT key FROM removals)) UNION ALL
        SELECT 'a segment without its run' WHERE EXISTS (SELECT 1 FROM segments WHERE run NOT IN (SELECT key FROM all_runs) AND run >> 32 NOT IN (SELECT key FROM removals)) UNION ALL
        SELECT 'a removal of a conversation that exists' WHERE EXISTS (SELECT 1 FROM removals WHERE key IN (SELECT key FROM conversations)) UNION ALL
        SELECT 'a key without its run' WHERE EXISTS (
            SELECT 1 FROM idempotency_keys k
            WHERE NOT EXISTS (SELECT 1 FROM all_runs r WHERE r.key = k.run AND r.idempotency_key = k.value) AND k.run >> 32 NOT IN (SELECT key FROM removals)) UNION ALL
        SELECT 'a run whose key is not kept' WHERE EXISTS (
            SELECT 1 FROM all_runs r
            WHERE idempotency_key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM idempotency_keys k WHERE k.run = r.key AND k.value = r.idempotency_key) AND r.key >> 32 NOT IN (SELECT key FROM removals))
        """;

    /// <summary>Returns what is wrong with a file.</summary>
    public static List<Finding> Run(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        return
        [
            .. Read(connection, "PRAGMA integrity_check").Where(line => line != "ok").Select(line => new Finding(FindingKind.Torn, line)),
            .. Read(connection, Rows).Select(line => new Finding(FindingKind.Foreign, line)),
        ];
    }

    private static List<string> Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var lines = new List<string>();
        while (reader.Read())
            lines.Add(reader.GetString(0));
        return lines;
    }
}
