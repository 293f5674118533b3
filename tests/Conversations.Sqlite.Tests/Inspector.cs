using Microsoft.Data.Sqlite;

namespace Conversations.Sqlite.Tests;

/// <summary>A look into a database file past the store.</summary>
internal sealed class Inspector : IDisposable
{
    private readonly SqliteConnection _connection;

    public Inspector(TemporaryFolder folder, string name = "conversations.db")
    {
        _connection = new SqliteConnection($"{folder.ConnectionString(name)};Pooling=False");
        _connection.Open();
    }

    public IReadOnlyList<string> Strings(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(reader.GetString(0));
        return rows;
    }

    public void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public void Dispose() => _connection.Dispose();
}
