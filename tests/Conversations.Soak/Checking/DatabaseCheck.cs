using Microsoft.Data.Sqlite;

namespace Conversations.Soak.Checking;

/// <summary>Looks into a database file past the store: whether SQLite finds it whole, and whether each row belongs to one that is there.</summary>
internal static class DatabaseCheck
{
    private const string Rows = """
        SELECT 'a message without its conversation' WHERE EXISTS (SELECT 1 FROM messages WHERE key >> 32 NOT IN (SELECT key FROM conversations)) UNION ALL
        SELECT 'a summary without its conversation' WHERE EXISTS (SELECT 1 FROM summaries WHERE key >> 32 NOT IN (SELECT key FROM conversations)) UNION ALL
        SELECT 'a run without its conversation' WHERE EXISTS (SELECT 1 FROM runs WHERE conversation <> 0 AND conversation NOT IN (SELECT key FROM conversations)) UNION ALL
        SELECT 'a conversation without its scope' WHERE EXISTS (SELECT 1 FROM conversations WHERE scope NOT IN (SELECT key FROM scopes)) UNION ALL
        SELECT 'a scope that points to another''s conversation, or to none' WHERE EXISTS (
            SELECT 1 FROM scopes s WHERE current IS NOT NULL AND NOT EXISTS (SELECT 1 FROM conversations c WHERE c.key = s.current AND c.scope = s.key)) UNION ALL
        SELECT 'a message of a run of another conversation' WHERE EXISTS (
            SELECT 1 FROM messages m WHERE run IS NOT NULL AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.number = m.run AND r.conversation = m.key >> 32)) UNION ALL
        SELECT 'a stream without its run' WHERE EXISTS (SELECT 1 FROM streams WHERE run NOT IN (SELECT number FROM runs)) UNION ALL
        SELECT 'a segment without its stream' WHERE EXISTS (SELECT 1 FROM segments WHERE run NOT IN (SELECT run FROM streams))
        """;

    /// <summary>Says what is wrong with a file.</summary>
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
