using Conversations.Sqlite.Tests.Golden;
using Conversations.Storage;
using Conversations.StoreSpecification;

namespace Conversations.Sqlite.Tests;

/// <summary>The schema, and the plans that rest on it.</summary>
public sealed class SqliteSchemaTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Reads => new(
        SqliteStatements.ListByAudience,
        SqliteStatements.ListByProject,
        SqliteStatements.ReadWindow,
        SqliteStatements.ReadMessagesForwards,
        SqliteStatements.ReadMessagesBackwards,
        SqliteStatements.GetConversation,
        SqliteStatements.GetConversationByKey,
        SqliteStatements.GetCurrent,
        SqliteStatements.GetRun,
        SqliteStatements.GetRunByNumber,
        SqliteStatements.FindTargetByScope,
        SqliteStatements.FindTargetById,
        SqliteStatements.FindKeyedRun,
        SqliteStatements.DeleteMessages,
        SqliteStatements.Recount,
        SqliteStatements.CountCurrent,
        SqliteStatements.FindSuperseded,
        SqliteStatements.SupersedeMessages,
        SqliteStatements.SupersedeRun,
        SqliteStatements.RestoreMessages,
        SqliteStatements.RestoreRun,
        SqliteStatements.GetSummary,
        SqliteStatements.SaveSummary,
        SqliteStatements.DeleteSummaries,
        SqliteStatements.DeleteSummariesThatCover,
        SqliteStatements.FindStreamOfLease,
        SqliteStatements.FindStream,
        SqliteStatements.ReadSegments,
        SqliteStatements.FindHolder,
        SqliteStatements.FindOnInterruption,
        SqliteStatements.FindStreamsToSweep,
        SqliteStatements.DeleteSegments,
        SqliteStatements.DeleteStream,
        SqliteStatements.DeleteSegmentsOfConversation,
        SqliteStatements.DeleteStreamsOfConversation,
        SqliteStatements.ReleaseLease);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Migrate_of_a_new_file_makes_the_schema()
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
            "trigger runs_keep_their_highest_number ()",
            "table conversations (key?, id, scope, project, audience, status, message_count, last_position, created_at, last_activity_at, last_message_at?, ended_at?, run, lease_until, lease_duration, title?, forked_from?)",
            "table messages (key?, run?, role, kind, format, flags, created_at, tokens?, counter?, content, superseded_by?)",
            "table runs (number?, conversation, previous, scope, caller, status, model?, input_tokens?, output_tokens?, cached_input_tokens?, cost?, error?, idempotency_key?, fingerprint?, input_position, input_count, output_position, output_count, started_at, ended_at?, superseded_by?, prompt_tokens?, history_tokens?, superseded_from?, finish_reason?)",
            "table scopes (key?, session_id, project, agent, channel?, user_id?, thread?, audience, current?)",
            "table segments (run, number, offset, position, role, format, created_at, content)",
            "table streams (conversation, run, keep_for, on_interruption)",
            "table summaries (key?, messages, created_at, tokens?, counter?, text)",
            "index conversations_by_audience (project, audience, last_activity_at, id)",
            "index conversations_by_project (project, last_activity_at, id)",
            "index runs_by_idempotency_key (scope, caller, idempotency_key)",
            "index runs_that_keep_a_place (number)");
        inspector.Strings("PRAGMA user_version").Should().Equal("5");
        inspector.Strings("PRAGMA application_id").Should().Equal("1129270870");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Migrate_of_a_file_of_an_older_version_makes_the_schema_of_a_new_one(int version)
    {
        await CreateAsync();
        GoldenDatabase.Write(_folder, "older.db", version);
        await using (var store = new SqliteConversationStore(_folder.ConnectionString("older.db")))
            await store.TurnAsync();
        using var fresh = new Inspector(_folder);
        using var older = new Inspector(_folder, "older.db");

        foreach (var sql in new[] { "SELECT name || ': ' || COALESCE(sql, '') FROM sqlite_schema ORDER BY type, name", "PRAGMA user_version", "PRAGMA application_id" })
            older.Strings(sql).Should().NotBeEmpty().And.Equal(fresh.Strings(sql));
        older.Strings("PRAGMA integrity_check").Should().Equal("ok");
    }

    [Fact]
    public async Task Migrate_of_version_2_keeps_token_counts_and_summaries()
    {
        GoldenDatabase.Write(_folder, "older.db", version: 2);
        await using var store = new SqliteConversationStore(_folder.ConnectionString("older.db"));
        var host = new ConversationAccess(ConversationScope.DefaultProject, null);

        var messages = await store.ReadMessagesAsync(new MessageRange { ConversationId = "conv_counted", Access = host, Limit = 9 }, TestContext.Current.CancellationToken);
        var summary = await store.GetSummaryAsync("conv_counted", host, before: 9, TestContext.Current.CancellationToken);

        messages.Select(message => message.Tokens).Should().Equal(Olders.Of(2)[0].Messages.Select(message => message.Tokens));
        messages.Should().NotContain(message => message.IsSuperseded);
        (summary!.Through, summary.MessageCount, summary.Text, summary.Tokens).Should().Be((2, 2, "A short\nbeginning", new TokenAmount(5, "o200k_base")));
    }

    [Fact]
    public async Task Migrate_of_version_3_keeps_what_is_superseded_and_restores_it()
    {
        GoldenDatabase.Write(_folder, "older.db", version: 3);
        await using var store = new SqliteConversationStore(_folder.ConnectionString("older.db"));
        var host = new ConversationAccess(ConversationScope.DefaultProject, null);
        var all = new MessageRange { ConversationId = "conv_answers", Access = host, Limit = 9 };

        var before = await store.ReadMessagesAsync(all, TestContext.Current.CancellationToken);
        var summary = await store.GetSummaryAsync("conv_answers", host, before: 9, TestContext.Current.CancellationToken);
        foreach (var (run, position) in new[] { (6, 3), (5, 1) })
            await store.RestoreAsync(Commands.Scope("cleo"), "conv_answers", position, run);

        before.Select(message => message.SupersededBy).Should().Equal(null, null, null, 6, 5, 4, null);
        before.Should().BeEquivalentTo(Version3.Conversations[0].Messages, options => options.Including(message => message.SupersededBy).Including(message => message.Tokens));
        (summary!.Through, summary.MessageCount, summary.Text, summary.Tokens).Should().Be((2, 2, "Which: the old one.", new TokenAmount(6, "o200k_base")));
        (await store.ReadMessagesAsync(all, TestContext.Current.CancellationToken)).Select(message => message.SupersededBy).Should().Equal(null, 9, 9, 9, null, 4, 8);
    }

    [Fact]
    public async Task Migrate_of_version_4_keeps_a_stream_that_is_under_way_and_ends_it_as_any_other()
    {
        GoldenDatabase.Write(_folder, "older.db", version: 4);
        var clock = new ManualTimeProvider(Version4.Second(10));
        await using var store = new SqliteConversationStore(_folder.ConnectionString("older.db"), clock);
        var host = new ConversationAccess(ConversationScope.DefaultProject, null);
        var stream = new StreamQuery { ConversationId = "conv_stream", RunNumber = 4, Access = host, Limit = 9 };

        var read = await store.ReadStreamAsync(stream, TestContext.Current.CancellationToken);
        var ended = await store.ReadStreamAsync(stream with { ConversationId = "conv_tools", RunNumber = 3 }, TestContext.Current.CancellationToken);
        clock.Advance(TimeSpan.FromMinutes(1));
        var interrupted = await store.InterruptRunAsync("conv_stream", 4, host, TestContext.Current.CancellationToken);

        read!.Segments.Select(segment => (segment.Number, segment.Offset, segment.Fragment.Position)).Should().Equal((1, 0, 2), (2, 9, 2), (3, 18, 3), (4, 19, 4));
        ended!.Segments.Select(segment => segment.Fragment.Text).Should().Equal("It is ");
        interrupted.Should().BeTrue();
        var messages = await store.ReadMessagesAsync(new MessageRange { ConversationId = "conv_stream", Access = host, After = 1, Limit = 9 }, TestContext.Current.CancellationToken);
        messages.SelectMany(message => message.Parts).Should().Equal(
            new TextPart("Once upon a time\n"), new ToolCallPart("call_2", "dice", "{}"), new ToolResultPart("call_2", "6") { IsError = true }, new TextPart("there were six"));
        messages.Should().OnlyContain(message => message.IsPartial && message.RunNumber == 4);
    }

    [Fact]
    public async Task Migrate_of_version_4_keeps_another_librarys_reasoning_to_the_letter()
    {
        GoldenDatabase.Write(_folder, "older.db", version: 4);
        await using var store = new SqliteConversationStore(_folder.ConnectionString("older.db"));
        var host = new ConversationAccess(ConversationScope.DefaultProject, null);

        var read = await store.ReadMessagesAsync(new MessageRange { ConversationId = "conv_tools", Access = host, After = 1, Limit = 1 }, TestContext.Current.CancellationToken);

        read[0].Parts.OfType<RawPart>().Select(part => part.Json).Should().Equal(
            """{"type":"reasoning",  "summary":["it's \"late\""]}""", """{"type":"reasoning","id":"rs_1", "text":"late?"}""");
    }

    [Fact]
    public async Task Migrate_of_version_4_keeps_what_is_superseded_and_restores_it()
    {
        GoldenDatabase.Write(_folder, "older.db", version: 4);
        await using var store = new SqliteConversationStore(_folder.ConnectionString("older.db"));
        var host = new ConversationAccess(ConversationScope.DefaultProject, null);
        var all = new MessageRange { ConversationId = "conv_tools", Access = host, Limit = 9 };

        var before = await store.ReadMessagesAsync(all, TestContext.Current.CancellationToken);
        var summary = await store.GetSummaryAsync("conv_tools", host, before: 9, TestContext.Current.CancellationToken);
        var restore = await store.RestoreAsync(Commands.Scope("dora"), "conv_tools", position: 1, run: 2);

        before.Should().BeEquivalentTo(Version4.Conversations[0].Messages, options => options.Including(message => message.SupersededBy).Including(message => message.Tokens));
        (summary!.Through, summary.MessageCount, summary.Text, summary.Tokens).Should().Be((5, 5, "The parcel:\nit has arrived.", new TokenAmount(7, "o200k_base")));
        restore.Should().Be(6, "the place of the run that was deleted is kept");
        (await store.ReadMessagesAsync(all, TestContext.Current.CancellationToken)).Select(message => message.SupersededBy).Should().Equal(null, null, null, null, 6, 6, 6, 6);
    }

    [Fact]
    public async Task Restore_looks_no_further_back_than_the_run_superseded()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());
        await store.TurnAsync();
        var id = await store.TurnAsync();
        var again = await store.RestoreAsync(Commands.Scope(), id, position: 1, run: 0);
        using (var inspector = new Inspector(_folder))
        {
            inspector.Strings("SELECT superseded_from || '' FROM runs WHERE superseded_from IS NOT NULL").Should().Equal("2");
            inspector.Execute("UPDATE runs SET superseded_from = 4 WHERE superseded_from = 2");
        }

        await store.RestoreAsync(Commands.Scope(), id, position: 1, run: again);

        var read = await store.ReadMessagesAsync(
            new MessageRange { ConversationId = id, Access = new ConversationAccess(ConversationScope.DefaultProject, null), Limit = 9 }, TestContext.Current.CancellationToken);
        read.Select(message => message.SupersededBy).Should().Equal([null, again, again, null], "who looked through all of them would find those before it, too");
    }

    [Fact]
    public async Task Migrate_that_fails_leaves_the_file_as_it_was()
    {
        GoldenDatabase.Write(_folder, "older.db", version: 1);
        using var inspector = new Inspector(_folder, "older.db");
        inspector.Execute("CREATE TABLE summaries (another INTEGER)");
        const string Schema = "SELECT name || ': ' || COALESCE(sql, '') FROM sqlite_schema ORDER BY type, name";
        var before = inspector.Strings(Schema);
        await using var store = new SqliteConversationStore(_folder.ConnectionString("older.db"));

        var open = () => store.TurnAsync();

        await open.Should().ThrowAsync<ConversationStoreException>();
        inspector.Strings(Schema).Should().Equal(before);
        inspector.Strings("PRAGMA user_version").Should().Equal("1");
        inspector.Strings("SELECT COUNT(*) || '' FROM messages").Should().Equal("11");
    }

    [Fact]
    public async Task Window_does_not_read_the_content_that_alone_exceeds_the_limit()
    {
        var id = await CreateAsync();
        using (var inspector = new Inspector(_folder))
            inspector.Execute("UPDATE messages SET tokens = 10, counter = 'c'");
        using var session = SqliteSession.Open($"{_folder.ConnectionString()};Pooling=False");
        using var window = session.Use(SqliteStatements.ReadWindow);
        window.BindAccess(id, new ConversationAccess(ConversationScope.DefaultProject, null));
        window.Bind(6, 9L);
        window.Bind(7, 9L);
        window.Bind(8, 0L);
        window.Bind(9, "c");
        window.Bind(10, 9L);

        window.Step().Should().BeTrue();
        window.Int64(6).Should().Be(10);
        window.IsNull(8).Should().BeTrue();
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

    [Theory]
    [MemberData(nameof(Reads), DisableDiscoveryEnumeration = true)]
    public async Task Read_searches_by_index_and_never_sorts(string sql)
    {
        await CreateAsync();
        using var session = SqliteSession.Open($"{_folder.ConnectionString()};Pooling=False");
        using var explain = session.Use("EXPLAIN QUERY PLAN " + sql);

        var plan = new List<string>();
        while (explain.Step())
            plan.Add(explain.Text(3));

        plan.Should().NotBeEmpty();
        plan.Should().NotContain(step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
        plan.Where(step => step.StartsWith("SCAN", StringComparison.Ordinal) && !step.Contains("json_each", StringComparison.Ordinal))
            .Should().BeEmpty("every table is searched");
    }

    [Theory]
    [InlineData(SqliteStatements.ListByAudience, "conversations_by_audience (project=? AND audience=? AND last_activity_at>? AND (last_activity_at,id)<(?,?))")]
    [InlineData(SqliteStatements.ListByProject, "conversations_by_project (project=? AND last_activity_at>? AND (last_activity_at,id)<(?,?))")]
    public async Task List_starts_at_its_place_in_the_index(string sql, string expected)
    {
        await CreateAsync();
        using var session = SqliteSession.Open($"{_folder.ConnectionString()};Pooling=False");
        using var explain = session.Use("EXPLAIN QUERY PLAN " + sql);

        explain.Step();

        explain.Text(3).Should().Be("SEARCH c USING INDEX " + expected);
    }

    [Fact]
    public async Task ListRuns_walks_no_further_than_it_is_asked_and_never_sorts()
    {
        await CreateAsync();
        using var session = SqliteSession.Open($"{_folder.ConnectionString()};Pooling=False");
        using var explain = session.Use("EXPLAIN QUERY PLAN " + SqliteStatements.ListRuns);

        var plan = new List<string>();
        while (explain.Step())
            plan.Add(explain.Text(3));

        plan[0].Should().Be("CO-ROUTINE chain", "its rows are made as they are asked for, so the limit ends it");
        plan.Should().NotContain(step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
        plan.Where(step => step.StartsWith("SCAN", StringComparison.Ordinal) && !step.Contains("json_each", StringComparison.Ordinal))
            .Should().Equal("SCAN chain", "SCAN c");
    }

    [Fact]
    public async Task ListRuns_of_a_page_that_follows_on_another_starts_at_its_place()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());
        var id = await store.TurnAsync();
        await store.TurnAsync();
        await store.TurnAsync();
        using (var inspector = new Inspector(_folder))
            inspector.Execute("UPDATE conversations SET run = 0");
        var query = new RunListing { ConversationId = id, Access = new ConversationAccess(ConversationScope.DefaultProject, null), Limit = 9 };

        var page = await store.ListRunsAsync(query with { Before = 3 }, TestContext.Current.CancellationToken);

        page.Select(run => run.Number).Should().Equal([2, 1], "who came from the last run would not find them");
    }

    [Fact]
    public async Task Deletion_of_the_newest_conversation_keeps_the_place_of_its_last_run_and_no_more()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());
        var access = new ConversationAccess(ConversationScope.DefaultProject, null);
        for (var i = 0; i < 3; i++)
        {
            var first = await store.TurnAsync();
            await store.TurnAsync();
            var second = await store.TurnAsync(Commands.Scope("user_2"));
            (await store.DeleteConversationAsync(second, access, TestContext.Current.CancellationToken)).Should().BeTrue();
            (await store.DeleteConversationAsync(first, access, TestContext.Current.CancellationToken)).Should().BeTrue();
        }

        var next = await store.BeginAsync();

        next.Lease.Fence.Should().Be(10, "a number is never given again");
        using var inspector = new Inspector(_folder);
        inspector.Strings("SELECT number || ' ' || conversation FROM runs WHERE conversation = 0").Should().Equal("9 0");
    }

    [Fact]
    public async Task SumUsage_of_a_conversation_walks_along_its_runs_alone()
    {
        await CreateAsync();
        using var session = SqliteSession.Open($"{_folder.ConnectionString()};Pooling=False");
        using var explain = session.Use("EXPLAIN QUERY PLAN " + SqliteStatements.SumUsageOfConversation);

        var plan = new List<string>();
        while (explain.Step())
            plan.Add(explain.Text(3));

        plan.Where(step => step.StartsWith("SCAN", StringComparison.Ordinal) && !step.Contains("json_each", StringComparison.Ordinal))
            .Should().OnlyContain(step => step == "SCAN chain");
    }

    [Fact]
    public async Task FindAnswerSince_walks_back_no_further_than_the_known_run_and_never_sorts()
    {
        await CreateAsync();
        using var session = SqliteSession.Open($"{_folder.ConnectionString()};Pooling=False");
        using var explain = session.Use("EXPLAIN QUERY PLAN " + SqliteStatements.FindAnswerSince);

        var plan = new List<string>();
        while (explain.Step())
            plan.Add(explain.Text(3));

        plan[0].Should().Be("CO-ROUTINE chain", "its rows are made as they are asked for, so the first answer ends it");
        plan.Should().NotContain(step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
        plan.Where(step => step.StartsWith("SCAN", StringComparison.Ordinal)).Should().OnlyContain(step => step == "SCAN chain" || step == "SCAN c" || step == "SCAN CONSTANT ROW");
    }

    private async Task<string> CreateAsync()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());
        return (await store.BeginAsync()).Lease.ConversationId;
    }
}
