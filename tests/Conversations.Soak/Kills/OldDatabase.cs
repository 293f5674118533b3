using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Conversations.Soak.Kills;

/// <summary>A database as an older version left it, with so many messages that to bring it up to date takes a while.</summary>
internal static class OldDatabase
{
    /// <summary>The versions of which a golden database is kept.</summary>
    public static readonly IReadOnlyList<int> Versions =
        [.. Enumerable.Range(1, 100).TakeWhile(version => typeof(OldDatabase).Assembly.GetManifestResourceInfo(Golden(version)) is not null)];

    private const int Messages = 30_000;

    private const string Fill = """
        INSERT INTO conversations (key, id, scope, project, audience, status, message_count, last_position, created_at, last_activity_at, last_message_at, ended_at, run, lease_until, lease_duration, title)
        SELECT 1000, 'conv_large', key, project, audience, 0, $messages, $messages, 1, 1, 1, NULL, 0, 0, 0, 'Large' FROM scopes LIMIT 1;
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $messages)
        INSERT INTO messages (key, run, role, kind, format, flags, created_at, content)
        SELECT 1000 << 32 | i, NULL, 1, 0, 0, 0, i, printf('message %d %0200d', i, i) FROM n;
        """;

    public static void Create(string file, int version)
    {
        using var connection = Open(file);
        Execute(connection, "PRAGMA journal_mode = WAL");
        for (var script = 1; script <= version; script++)
            Execute(connection, Read(typeof(SqliteConversationStore), string.Create(CultureInfo.InvariantCulture, $"{script:D4}.sql")));
        Execute(connection, Read(typeof(OldDatabase), Golden(version)));
        Execute(connection, Fill.Replace("$messages", Messages.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = 1129270870; PRAGMA user_version = {version}"));
    }

    /// <summary>The version of a file.</summary>
    public static long VersionOf(string file)
    {
        using var connection = Open(file);
        return (long)Ask(connection, "PRAGMA user_version")!;
    }

    /// <summary>What is in a file, as one text that no migration changes.</summary>
    public static string Digest(string file)
    {
        using var connection = Open(file);
        return (string)Ask(connection, """
            SELECT (SELECT COUNT(*) || ' ' || SUM(key % 1000003) || ' ' || SUM(length(CAST(content AS BLOB))) || ' ' || SUM(created_at % 1000003) FROM messages)
                || ' ' || (SELECT group_concat(id || ' ' || message_count || ' ' || last_position || ' ' || run) FROM conversations)
                || ' ' || (SELECT COUNT(*) || ' ' || SUM(number) || ' ' || SUM(status) FROM runs WHERE conversation <> 0)
            """)!;
    }

    private static string Golden(int version) => string.Create(CultureInfo.InvariantCulture, $"version-{version}.sql");

    private static SqliteConnection Open(string file)
    {
        var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static object? Ask(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static string Read(Type owner, string name)
    {
        using var stream = owner.Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"There is no {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
