using NSubstitute;

namespace Conversations.Tests.Manager;

/// <summary>Each answer of a summarizer is a run, so that what it used is in the reports.</summary>
public abstract class SummaryRunTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private static readonly SummaryResult Paid = new("They spoke.") { Model = "small", Usage = new TokenUsage { InputTokens = 1_000, OutputTokens = 100 } };

    private readonly FakeSummarizer _summarizer = new();

    [Fact]
    public async Task Summary_that_is_saved_is_a_run_with_its_usage_and_cost()
    {
        var manager = Summarizing();
        _summarizer.Answer = _ => Paid;

        var runs = await TalkAsync(manager);

        runs.Select(run => (run.Number, run.Kind, run.Status)).Should().Equal(
            (4, RunKind.Summary, RunStatus.Completed), (3, RunKind.Turn, RunStatus.Completed), (2, RunKind.Turn, RunStatus.Completed), (1, RunKind.Turn, RunStatus.Completed));
        runs[0].Should().BeEquivalentTo(new
        {
            Caller = ConversationIdentity.ForUser("alice").Key,
            Paid.Model,
            Paid.Usage,
            Cost = 0.004m,
            IdempotencyKey = (string?)null,
            InputPosition = 0L,
            InputCount = 0,
            OutputPosition = 0L,
            OutputCount = 0,
        });
        (await manager.GetRunAsync(runs[0].Id, Cancellation)).Should().Be(runs[0]);
        (await manager.GetSummaryAsync(runs[0].ConversationId, Cancellation))!.CreatedAt.Should().Be(runs[0].EndedAt, "they are written at once");
    }

    [Fact]
    public async Task Run_of_a_summary_begins_when_its_messages_are_read_and_ends_when_it_is_saved()
    {
        var manager = Summarizing();
        using var hold = _summarizer.Hold();
        await TurnsAsync(manager, 2);
        Time.Advance(TimeSpan.FromSeconds(1));
        await TurnsAsync(manager, 1);
        await _summarizer.Reached;
        var startedAt = Time.GetUtcNow();
        Time.Advance(TimeSpan.FromSeconds(5));
        hold.Dispose();

        var run = (await RunsAsync(manager))[0];

        (run.StartedAt, run.EndedAt).Should().Be((startedAt, startedAt + TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task Cost_that_the_summarizer_reports_is_kept()
    {
        var manager = Summarizing();
        _summarizer.Answer = _ => Paid with { Cost = 7m };

        (await TalkAsync(manager))[0].Cost.Should().Be(7m);
    }

    [Fact]
    public async Task Text_alone_is_a_run_without_usage()
    {
        var manager = Summarizing();

        var run = (await TalkAsync(manager))[0];

        run.Should().BeEquivalentTo(new { Kind = RunKind.Summary, Model = (string?)null, Usage = (TokenUsage?)null, Cost = (decimal?)null });
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("words that cost more than half of the limit, which is a few tokens here: they are many more than that, and so they leave no room for messages")]
    [InlineData("more than a message may have")]
    public async Task Summary_that_is_refused_is_a_run_with_its_usage(string refused)
    {
        var manager = Summarizing(tokenLimit: 40);
        _summarizer.Answer = _ => Paid with { Text = refused.StartsWith("more", StringComparison.Ordinal) ? new string('x', 2_000) : refused };

        var run = (await TalkAsync(manager))[0];

        run.Should().BeEquivalentTo(new { Kind = RunKind.Summary, Paid.Usage });
        (await manager.GetSummaryAsync(run.ConversationId, Cancellation)).Should().BeNull();
    }

    [Fact]
    public async Task Summary_that_is_outdated_is_a_run_and_so_is_the_one_after_it()
    {
        var manager = Summarizing();
        _summarizer.Answer = _ => Paid;
        using var hold = _summarizer.Hold();
        var result = await TurnsAsync(manager, 4);
        await _summarizer.Reached;
        await manager.DeleteMessageAsync(result.ReplyMessageId!, Cancellation);
        hold.Dispose();

        var runs = await RunsAsync(manager);

        runs.Count(run => run.Kind == RunKind.Summary).Should().Be(_summarizer.Requests.Count).And.BeGreaterThan(1);
        (await Usage(UsageGrouping.Kind)).Rows[^1].Totals.InputTokens.Should().Be(1_000 * _summarizer.Requests.Count);
    }

    [Fact]
    public async Task Summarizer_that_fails_leaves_no_run()
    {
        var manager = Summarizing();
        _summarizer.Answer = _ => throw new InvalidOperationException("It broke.");

        (await TalkAsync(manager)).Should().OnlyContain(run => run.Kind == RunKind.Turn);
    }

    [Fact]
    public async Task Conversation_that_is_deleted_meanwhile_gets_no_run()
    {
        var manager = Summarizing();
        using var hold = _summarizer.Hold();
        var result = await TurnsAsync(manager, 3);
        await _summarizer.Reached;
        await manager.DeleteAsync(result.ConversationId!, Cancellation);
        hold.Dispose();
        await manager.WaitForSummariesAsync(Cancellation);

        (await manager.GetAsync(result.ConversationId!, Cancellation)).Should().BeNull();
        (await Usage(UsageGrouping.None)).Rows.Should().BeEmpty();
    }

    [Fact]
    public async Task Turn_that_is_open_when_a_summary_is_saved_commits()
    {
        var manager = Summarizing();
        using var hold = _summarizer.Hold();
        await TurnsAsync(manager, 3);
        await _summarizer.Reached;
        await using var turn = await Of(manager).BeginTurnAsync(new TurnRequest(Bot, "q4"), Cancellation);
        hold.Dispose();
        var before = await RunsAsync(manager);

        turn.Add(ConversationMessage.Assistant("a4"));
        var result = await turn.CommitAsync(Cancellation);
        var runs = await RunsAsync(manager);

        before.Select(run => (run.Number, run.Status)).Should().StartWith([(5L, RunStatus.Completed), (4L, RunStatus.Running)]);
        runs.Single(run => run.Id == result.RunId).Should().BeEquivalentTo(new { Number = 4, Status = RunStatus.Completed });
        runs.Select(run => run.Number).Should().BeInDescendingOrder().And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task Follower_of_a_summary_gets_its_end_and_nothing_else()
    {
        var manager = Summarizing();
        var run = (await TalkAsync(manager))[0];

        var updates = await Of(manager).FollowAsync(run.Id, cancellationToken: Cancellation).ToListAsync(Cancellation);

        updates.Should().ContainSingle().Which.EndedAs.Should().Be(RunStatus.Completed);
    }

    [Fact]
    public async Task GetUsage_counts_summaries_of_the_caller_and_the_agent_and_tells_them_from_turns()
    {
        var manager = Summarizing();
        _summarizer.Answer = _ => Paid;
        await TalkAsync(manager);

        var byKind = await Usage(UsageGrouping.Agent | UsageGrouping.User | UsageGrouping.Kind);
        var all = await Usage(UsageGrouping.User);

        byKind.Rows.Select(row => (row.Agent, row.UserId, row.Kind, row.Totals.Runs, row.Totals.InputTokens)).Should().Equal(
            (Bot, "alice", RunKind.Turn, 3, 30), (Bot, "alice", RunKind.Summary, 1, 1_000));
        all.Rows.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Kind = (RunKind?)null, UserId = "alice", Totals = new { Runs = 4, InputTokens = 1_030 } });
    }

    [Fact]
    public async Task Substitute_of_a_summarizer_returns_a_result()
    {
        var summarizer = Substitute.For<IConversationSummarizer>();
        summarizer.SummarizeAsync(Arg.Any<SummaryRequest>(), Arg.Any<CancellationToken>()).Returns(Paid);
        var manager = Summarizing(summarizer: summarizer);

        (await TalkAsync(manager))[0].Model.Should().Be("small");
    }

    [Fact]
    public async Task Substitute_of_a_summarizer_that_returns_null_is_a_blank_summary()
    {
        var manager = Summarizing(summarizer: Substitute.For<IConversationSummarizer>());

        var run = (await TalkAsync(manager))[0];

        run.Kind.Should().Be(RunKind.Summary);
        (await manager.GetSummaryAsync(run.ConversationId, Cancellation)).Should().BeNull();
    }

    private static ScopedConversations Of(ConversationManager manager) => manager.ForIdentity(ConversationIdentity.ForUser("alice"));

    private static async Task<TurnResult> TurnsAsync(ConversationManager manager, int turns)
    {
        TurnResult? first = null;
        for (var i = 1; i <= turns; i++)
        {
            var result = await Of(manager).RunTurnAsync(
                Bot,
                $"q{i}",
                (turn, _) =>
                {
                    turn.Usage = new TokenUsage { InputTokens = 10 };
                    return Task.FromResult($"a{i}");
                },
                Cancellation);
            first ??= result;
        }

        return first!;
    }

    /// <summary>Runs turns until there is an answer of the summarizer, and reads the runs.</summary>
    private static async Task<List<ConversationRun>> TalkAsync(ConversationManager manager)
    {
        await TurnsAsync(manager, 3);
        return await RunsAsync(manager);
    }

    private static async Task<List<ConversationRun>> RunsAsync(ConversationManager manager)
    {
        await manager.WaitForSummariesAsync(Cancellation);
        return await Of(manager).GetRunsAsync((await Of(manager).GetCurrentAsync(Bot, cancellationToken: Cancellation))!.Id, Cancellation).ToListAsync(Cancellation);
    }

    private Task<UsageReport> Usage(UsageGrouping groupBy) => new ConversationMaintenance(Store, Options()).GetUsageAsync(new UsageQuery { GroupBy = groupBy }, Cancellation);

    private ConversationManager Summarizing(int? tokenLimit = null, IConversationSummarizer? summarizer = null)
    {
        var options = new ConversationOptions().AddPrice("small", inputPerMillion: 3m, outputPerMillion: 10m).AddAgent(Bot, agent =>
        {
            agent.Summarizer = summarizer ?? _summarizer;
            agent.SummaryThreshold = 2;
            agent.HistoryLimit = tokenLimit is null ? 5 : 1_000;
            agent.TokenLimit = tokenLimit;
        });
        options.Limits.MaxMessageBytes = 1_024;
        return new ConversationManager(Store, options, Time, Log);
    }
}

public sealed class SummaryRunTestsInMemory : SummaryRunTests<InMemory>;

public sealed class SummaryRunTestsOnSqlite : SummaryRunTests<Sqlite>;
