using System.Reflection;
using Conversations.Storage;

namespace Conversations.Sqlite.Tests;

/// <summary>The schema, and the plans that rest on it.</summary>
public sealed class SqliteSchemaTests : IDisposable
{
    private const string Schema = "SELECT name || ': ' || COALESCE(sql, '') FROM sqlite_schema ORDER BY type, name";

    // A report reads all runs. Transactions, and inserts of values, have no plan.
    // A report reads all runs; the others read tables that have a few rows.
    private static readonly string[] WithoutSearch = [SqliteStatements.SumUsage, SqliteStatements.Ping, SqliteStatements.FindRemovals, SqliteStatements.ReserveKey];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Searches => [.. Statements().Where(sql => sql.Contains("WHERE", StringComparison.Ordinal) && !WithoutSearch.Contains(sql))];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Migrate_of_a_new_file_creates_the_schema()
    {
        await CreateAsync();
        using var inspector = new Inspector(_folder);

        var schema = inspector.Strings("""
            SELECT type || ' ' || name || ' (' || (
                SELECT COALESCE(group_concat(column, ', '), '') FROM (
                    SELECT name || IIF("notnull", '', '?') AS column FROM pragma_table_info(s.name) WHERE s.type = 'table'
                    UNION ALL
                    SELECT name FROM pragma_index_info(s.name) WHERE s.type = 'index')) || ')'
            FROM sqlite_schema s
            WHERE name NOT LIKE 'sqlite_%'
            ORDER BY type DESC, name
            """);

        schema.Should().Equal(
            "table conversations (key?, id, scope, project, audience, version, history_revision, window_start, last_failed_run, status, last_run_status?, message_count, last_position, used_position, created_at, last_activity_at, last_message_at?, ended_at?, last_run, open_number?, open_token?, lease_until?, lease_duration?, open_caller?, open_key?, open_fingerprint?, open_input_position?, open_input_count?, open_started_at?, on_interruption?, segment_retention?, open_run?, title?, forked_from?, metadata?)",
            "table data (key?, id, bytes)",
            "table feedback (conversation, position, caller, project, id, rating, comment?, given_at)",
            "table idempotency_keys (scope, caller, value, run)",
            "table message_data (message, data)",
            "table messages (key?, run?, role, kind, format, flags, created_at, tokens?, counter?, author?, checksum, content, superseded_by?)",
            "table removals (key?, scope, due)",
            "table runs (key?, status, caller?, model?, finish_reason?, error?, idempotency_key?, fingerprint?, input_tokens?, output_tokens?, cached_input_tokens?, cost?, prompt_tokens?, history_tokens?, window_start?, input_position, input_count, output_position, output_count, started_at, ended_at?, superseded_from?, segments_expire_at?, superseded_by?, on_existing_input, kind, replaced_position?, cache_write_input_tokens?, reasoning_tokens?, usage_by_model?)",
            "table scopes (key?, session_id, project, agent, channel?, user_id?, thread?, audience, current?)",
            "table segments (run, number, offset, checksum, content)",
            "table summaries (key?, messages, created_at, tokens?, counter?, checksum, text)",
            "index conversations_by_audience (project, audience, last_activity_at, id)",
            "index conversations_by_project (project, last_activity_at, id)",
            "index conversations_that_wait (project, last_activity_at, id)",
            "index feedback_by_conversation (conversation, given_at, id, position, caller)",
            "index feedback_by_project (project, given_at, id, position, caller)",
            "index message_data_by_data (data)",
            "index runs_on_existing_input (input_position)");
        inspector.Strings("SELECT (user_version & 0xFFFF) || ' ' || (user_version >> 16) FROM pragma_user_version").Should().Equal("1 1");
        inspector.Strings("PRAGMA application_id").Should().Equal("1129270870");
        inspector.Strings("PRAGMA integrity_check").Should().Equal("ok");
    }

    [Fact]
    public async Task Migrate_that_fails_leaves_the_file_unchanged()
    {
        using var inspector = new Inspector(_folder);
        inspector.Execute("CREATE TABLE summaries (another INTEGER)");
        inspector.Execute($"PRAGMA application_id = {SqliteMigrator.ApplicationId}");
        var before = inspector.Strings(Schema);
        await using var store = new SqliteConversationStore(_folder.ConnectionString());

        var open = () => store.TurnAsync();

        await open.Should().ThrowAsync<ConversationStoreException>();
        inspector.Strings(Schema).Should().Equal(before);
        inspector.Strings("PRAGMA user_version").Should().Equal("0");
    }

    [Fact]
    public async Task Migrate_by_two_stores_at_once_happens_once()
    {
        for (var round = 0; round < 10; round++)
        {
            var name = $"round-{round}.db";
            using var start = new Barrier(2);
            var turns = await Task.WhenAll(Enumerable.Range(0, 2).Select(number => Task.Run(async () =>
            {
                await using var store = new SqliteConversationStore(_folder.ConnectionString(name));
                start.SignalAndWait(TestContext.Current.CancellationToken);
                return await store.TurnAsync(Commands.Scope($"user_{number}"));
            })));

            using var inspector = new Inspector(_folder, name);
            inspector.Strings("SELECT id FROM conversations").Should().BeEquivalentTo(turns);
            inspector.Strings("PRAGMA integrity_check").Should().Equal("ok");
        }
    }

    [Fact]
    public async Task Window_does_not_read_the_content_that_alone_exceeds_the_limit()
    {
        await CreateAsync();
        using (var inspector = new Inspector(_folder))
            inspector.Execute("UPDATE messages SET tokens = 10, counter = 'c'");
        using var session = SqliteSession.Open($"{_folder.ConnectionString()};Pooling=False");
        using var window = session.Use(SqliteStatements.ReadWindow);
        window.Bind(1, 1L);
        window.Bind(2, 0L);
        MessageReader.BindLimits(window, 9, new TokenAmount(9, "c"));

        window.Step().Should().BeTrue();
        window.Int64(6).Should().Be(10);
        window.IsNull(10).Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Searches), DisableDiscoveryEnumeration = true)]
    public async Task Statement_searches_by_index_and_never_sorts(string sql)
    {
        await CreateAsync();

        var plan = Plan(sql);

        plan.Should().NotBeEmpty();
        plan.Should().NotContain(step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
        plan.Where(step => step.StartsWith("SCAN", StringComparison.Ordinal) && !step.Contains("json_each", StringComparison.Ordinal))
            .Should().BeEmpty("every table is searched");
    }

    [Theory]
    [InlineData(SqliteStatements.ListByAudience, "conversations_by_audience (project=? AND audience=? AND last_activity_at>? AND (last_activity_at,id)<(?,?))")]
    [InlineData(SqliteStatements.ListByProject, "conversations_by_project (project=? AND last_activity_at>? AND (last_activity_at,id)<(?,?))")]
    [InlineData(SqliteStatements.ListWaiting, "conversations_that_wait (project=? AND last_activity_at>? AND (last_activity_at,id)<(?,?))")]
    public async Task List_starts_at_its_place_in_the_index(string sql, string expected)
    {
        await CreateAsync();

        Plan(sql)[0].Should().Be("SEARCH c USING INDEX " + expected);
    }

    [Theory]
    [InlineData(SqliteStatements.ReadFeedback, "feedback_by_project (project=? AND given_at>? AND (given_at,id,position,caller)<(?,?,?,?))")]
    [InlineData(SqliteStatements.ReadFeedbackOfConversation, "feedback_by_conversation (conversation=? AND given_at>? AND (given_at,id,position,caller)<(?,?,?,?))")]
    public async Task Feedback_starts_at_its_place_in_the_index(string sql, string expected)
    {
        await CreateAsync();

        Plan(sql)[0].Should().Be("SEARCH f USING INDEX " + expected);
    }

    [Fact]
    public async Task Runs_on_existing_input_are_searched_in_their_index()
    {
        await CreateAsync();

        Plan(SqliteStatements.ReadRunsOnExistingInput).Should().Equal("SEARCH r USING INDEX runs_on_existing_input (<expr>=? AND input_position=? AND rowid>? AND rowid<?)");
    }

    [Fact]
    public async Task Index_of_what_waits_has_only_conversations_whose_newest_run_requires_action()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());
        foreach (var status in Enum.GetValues<RunStatus>())
        {
            var begun = await store.BeginAsync(Commands.Scope($"user_{status}"));
            var commit = Commands.Commit(begun, "Hi").Conversations[0];
            var closed = commit.Conversation with { Conversation = commit.Conversation.Conversation with { LastRunStatus = status } };
            await store.TryWriteAsync(Commands.Commit(begun, "Hi") with { Conversations = [commit with { Conversation = closed }] }, TestContext.Current.CancellationToken);
        }

        using var inspector = new Inspector(_folder);
        inspector.Strings("SELECT s.user_id FROM conversations c INDEXED BY conversations_that_wait JOIN scopes s ON s.key = c.scope WHERE c.last_run_status = 5").Should().Equal("user_RequiresAction");
    }

    [Fact]
    public void Every_statement_is_different() => Statements().Should().OnlyHaveUniqueItems("statements are kept by reference");

    private static IEnumerable<string> Statements() =>
        typeof(SqliteStatements).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);

    private List<string> Plan(string sql)
    {
        using var session = SqliteSession.Open($"{_folder.ConnectionString()};Pooling=False");
        using var explain = session.Use("EXPLAIN QUERY PLAN " + sql);
        var plan = new List<string>();
        while (explain.Step())
            plan.Add(explain.Text(3));
        return plan;
    }

    private async Task CreateAsync()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());
        await store.BeginAsync();
    }
}
