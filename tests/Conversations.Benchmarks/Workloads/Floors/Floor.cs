using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Conversations.Benchmarks.Workloads;

/// <summary>The least that a turn can cost: bare prepared commands on one connection, as durable as the store's, on a separate database. One transaction updates the counters and
/// inserts a question and an answer; then a window of 20 is read. It has no lease, no run and no scope, stores no input before the answer, and keeps positions in memory.</summary>
internal sealed class Floor : IDisposable
{
    private const string Schema = """
        CREATE TABLE conversations (key INTEGER PRIMARY KEY, last_position INTEGER NOT NULL, message_count INTEGER NOT NULL, last_activity_at INTEGER NOT NULL) STRICT;
        CREATE TABLE messages (key INTEGER PRIMARY KEY, role INTEGER NOT NULL, kind INTEGER NOT NULL, created_at INTEGER NOT NULL, content TEXT NOT NULL) STRICT;
        """;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _count;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _window;
    private readonly Dictionary<long, long> _positions = [];

    public Floor(string path)
    {
        _connection = Bare.Open(path, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
        Bare.Execute(_connection, Schema);
        _begin = Bare.Prepare(_connection, "BEGIN IMMEDIATE");
        _commit = Bare.Prepare(_connection, "COMMIT");
        _count = Bare.Prepare(
            _connection, "UPDATE conversations SET last_position = $position, message_count = message_count + 2, last_activity_at = $now WHERE key = $key", "$key", "$position", "$now");
        _insert = Bare.Prepare(
            _connection, "INSERT INTO messages (key, role, kind, created_at, content) VALUES ($key, $role, 0, $now, $content)", "$key", "$role", "$now", "$content");
        _window = Bare.Prepare(
            _connection, "SELECT key, role, kind, created_at, content FROM messages WHERE key > $first AND key <= $last ORDER BY key DESC LIMIT 20", "$first", "$last");
    }

    /// <summary>Adds a conversation with so many messages.</summary>
    public void AddConversation(long conversation, int messages)
    {
        var now = TimeProvider.System.GetUtcNow().UtcTicks;
        _begin.ExecuteNonQuery();
        Bare.Execute(_connection, string.Create(CultureInfo.InvariantCulture, $"INSERT INTO conversations VALUES ({conversation}, {messages}, {messages}, {now})"));
        for (var position = 1; position <= messages; position++)
            Insert(conversation, position, now);
        _commit.ExecuteNonQuery();
        _positions[conversation] = messages;
    }

    /// <summary>Adds a conversation after all others.</summary>
    /// <returns>Its key.</returns>
    public long AddConversation(int messages)
    {
        var conversation = _positions.Keys.Max() + 1;
        AddConversation(conversation, messages);
        return conversation;
    }

    /// <summary>The transaction and the window read.</summary>
    public void Turn(long conversation)
    {
        Write(conversation);
        ReadWindow(conversation);
    }

    /// <summary>The transaction.</summary>
    public void Write(long conversation)
    {
        var now = TimeProvider.System.GetUtcNow().UtcTicks;
        var position = _positions[conversation] += 2;
        _begin.ExecuteNonQuery();
        _count.Parameters[0].Value = conversation;
        _count.Parameters[1].Value = position;
        _count.Parameters[2].Value = now;
        _count.ExecuteNonQuery();
        Insert(conversation, position - 1, now);
        Insert(conversation, position, now);
        _commit.ExecuteNonQuery();
    }

    public void Dispose()
    {
        foreach (var command in new[] { _begin, _commit, _count, _insert, _window })
            command.Dispose();
        _connection.Dispose();
    }

    private void ReadWindow(long conversation)
    {
        _window.Parameters[0].Value = conversation << 32;
        _window.Parameters[1].Value = (conversation << 32) + _positions[conversation];
        using var rows = _window.ExecuteReader();
        while (rows.Read())
            Bare.Read(rows, "nnnnt");
    }

    private void Insert(long conversation, long position, long now)
    {
        _insert.Parameters[0].Value = (conversation << 32) + position;
        _insert.Parameters[1].Value = position % 2 == 1 ? 1L : 2L;
        _insert.Parameters[2].Value = now;
        _insert.Parameters[3].Value = Texts.At(position);
        _insert.ExecuteNonQuery();
    }
}
