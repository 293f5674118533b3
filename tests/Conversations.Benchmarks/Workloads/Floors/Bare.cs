using Microsoft.Data.Sqlite;

namespace Conversations.Benchmarks.Workloads;

/// <summary>Microsoft.Data.Sqlite without anything else: one connection, commands that are prepared once.</summary>
internal static class Bare
{
    public static SqliteConnection Open(string path, string pragmas = "")
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();

        // The same cache size as the store.
        Execute(connection, "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; " + pragmas);
        return connection;
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static SqliteCommand Prepare(SqliteConnection connection, string sql, params IEnumerable<string> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
            command.Parameters.AddWithValue(name, 0L);
        command.Prepare();
        return command;
    }

    /// <summary>Reads every column of a row, by its kind: <c>n</c> a number, <c>t</c> a text, in capitals if it may be NULL.</summary>
    public static void Read(SqliteDataReader row, string kinds)
    {
        for (var i = 0; i < kinds.Length; i++)
        {
            if (char.IsUpper(kinds[i]) && row.IsDBNull(i))
                continue;
            if (kinds[i] is 'n' or 'N')
                _ = row.GetInt64(i);
            else
                _ = row.GetString(i);
        }
    }
}
