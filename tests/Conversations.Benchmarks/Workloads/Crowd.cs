using Microsoft.Data.Sqlite;

namespace Conversations.Benchmarks.Workloads;

/// <summary>A database with very many conversations without messages, written without the library into its schema: half of them belong to one user, in one session, the others to one user each.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    /// <summary>The user to whom half of them belong.</summary>
    public const int Busy = 0;

    private const int CommitAfter = 100_000;

    private static readonly DateTime Beginning = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private Crowd(string path, int conversations)
    {
        Host = Host.OnSqlite(path);
        Bare = Workloads.Bare.Open(path);
        Conversations = conversations;
    }

    public int Conversations { get; }

    public Host Host { get; }

    /// <summary>A separate connection to the same database.</summary>
    public SqliteConnection Bare { get; }

    public static async Task<Crowd> MakeAsync(string path, int conversations)
    {
        await using (var schema = Host.OnSqlite(path))
            await schema.Manager.ForIdentity(Host.IdentityOf(Busy)).GetCurrentAsync(Host.Agent);
        Fill(path, conversations);
        return new Crowd(path, conversations);
    }

    public static ConversationScope ScopeOf(int user) =>
        new(ConversationScope.DefaultProject, Host.Agent, ConversationOwner.Of(Host.IdentityOf(user)), ConversationChannels.Chat);

    /// <summary>Users who have one conversation each, evenly from all of them.</summary>
    public IReadOnlyList<int> Others(int count) =>
        [.. Enumerable.Range(0, count).Select(i => 1 + (int)((long)i * (Conversations / 2) / count))];

    public async ValueTask DisposeAsync()
    {
        await Bare.DisposeAsync();
        await Host.DisposeAsync();
    }

    /// <summary>In the order of all indexes, so that each grows at its end.</summary>
    private static void Fill(string path, int conversations)
    {
        using var connection = Workloads.Bare.Open(path, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -131072;");
        using var scope = Workloads.Bare.Prepare(
            connection,
            "INSERT INTO scopes (key, session_id, project, agent, channel, user_id, audience, current) VALUES ($key, $session, $project, $agent, $channel, $user, $audience, $current)",
            "$key", "$session", "$project", "$agent", "$channel", "$user", "$audience", "$current");
        using var conversation = Workloads.Bare.Prepare(
            connection,
            """
            INSERT INTO conversations
                (key, id, scope, project, audience, version, history_revision, window_start, last_failed_run, status, message_count, last_position, used_position, created_at, last_activity_at, last_message_at, last_run, title)
            VALUES ($key, $id, $scope, $project, $audience, 1, 0, 0, 0, 0, 2, 2, 2, $now, $now, $now, 0, 'Where does my order stand?')
            """,
            "$key", "$id", "$scope", "$project", "$audience", "$now");
        Workloads.Bare.Execute(connection, "BEGIN");
        var busy = AddScope(scope, Busy, conversations);
        for (var i = 1; i <= conversations; i++)
        {
            var (key, audience) = i % 2 == 0 ? (1, busy) : ((i / 2) + 2, AddScope(scope, (i / 2) + 1, i));
            Bind(conversation, (long)i, $"conv_{i:x32}", (long)key, ConversationScope.DefaultProject, audience, Beginning.AddSeconds(i).Ticks);
            if (i % CommitAfter == 0)
                Workloads.Bare.Execute(connection, "COMMIT; BEGIN");
        }

        Workloads.Bare.Execute(connection, "COMMIT");
    }

    private static string AddScope(SqliteCommand insert, int user, int current)
    {
        var scope = ScopeOf(user);
        Bind(insert, user + 1L, scope.SessionId, scope.Project, scope.Agent, scope.Channel!, scope.Owner.Identity!.UserId!, scope.Owner.Audience, (long)current);
        return scope.Owner.Audience;
    }

    private static void Bind(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
        command.ExecuteNonQuery();
    }
}
