namespace Conversations.Tests.Rules;

/// <summary>The run that records an answer of a summarizer.</summary>
public class SummaryRunRulesTests : RulesTest
{
    private static readonly TokenUsage Usage = new() { InputTokens = 900, OutputTokens = 50, CachedInputTokens = 100 };

    [Fact, TurnRule("8.6")]
    public async Task Save_records_answer_as_closed_run_with_next_number()
    {
        var id = await ConverseAsync(2);
        var startedAt = Time.GetUtcNow();
        Time.Advance(TimeSpan.FromSeconds(3));

        var saved = await Store.SaveSummaryAsync(await CommandAsync(id, 2) with { StartedAt = startedAt, Caller = "caller", Model = "small", Usage = Usage, Cost = 0.25m });

        saved.Should().BeTrue();
        (await RunsAsync(id))[0].Should().Be(new ConversationRun
        {
            ConversationId = id,
            Number = 3,
            Kind = RunKind.Summary,
            Status = RunStatus.Completed,
            Caller = "caller",
            Model = "small",
            Usage = Usage,
            Cost = 0.25m,
            StartedAt = startedAt,
            EndedAt = startedAt + TimeSpan.FromSeconds(3),
        });
        (await BeginAsync()).Lease.RunNumber.Should().Be(4);
    }

    [Fact, TurnRule("8.6")]
    public async Task Save_records_run_without_caller_and_usage_when_none_is_reported()
    {
        var id = await ConverseAsync(1);

        await Store.SaveSummaryAsync(await CommandAsync(id, 2));

        (await RunsAsync(id))[0].Should().Match<ConversationRun>(run => run.Kind == RunKind.Summary && run.Caller == null && run.Usage == null && run.Cost == null && run.IdempotencyKey == null);
    }

    [Fact, TurnRule("8.6", "8.1")]
    public async Task Save_records_run_alone_when_summary_is_outdated()
    {
        var id = await ConverseAsync(2);
        var outdated = await CommandAsync(id, 2) with { Usage = Usage };
        await Store.DeleteMessageAsync(id, 4, Host);
        var before = await GetAsync(id);

        var saved = await Store.SaveSummaryAsync(outdated);

        saved.Should().BeFalse();
        (await RunsAsync(id)).Select(run => (run.Number, run.Kind, run.Usage)).Should().Equal((3, RunKind.Summary, Usage), (2, RunKind.Turn, null), (1, RunKind.Turn, null));
        (await Store.GetSummaryAsync(id, Host, long.MaxValue)).Should().BeNull();
        (await GetAsync(id)).Should().Be(before, "a summary is no activity");
    }

    [Theory, TurnRule("8.6", "5.8")]
    [InlineData(RunStatus.RequiresAction)]
    [InlineData(RunStatus.Failed)]
    public async Task Save_leaves_status_of_the_newest_turn(RunStatus status)
    {
        var id = (await AbandonAsync(Turn(), status)).Lease.ConversationId;

        await Store.SaveSummaryAsync(await CommandAsync(id, 1));

        (await RunsAsync(id))[0].Kind.Should().Be(RunKind.Summary);
        (await GetAsync(id)).LastRunStatus.Should().Be(status);
    }

    [Fact, TurnRule("8.6")]
    public async Task Save_records_run_alone_when_summary_has_no_text()
    {
        var id = await ConverseAsync(1);

        var saved = await Store.SaveSummaryAsync(await CommandAsync(id, 2) with { Text = null });

        saved.Should().BeFalse();
        (await RunsAsync(id)).Select(run => run.Kind).Should().Equal(RunKind.Summary, RunKind.Turn);
        (await Store.GetSummaryAsync(id, Host, long.MaxValue)).Should().BeNull();
    }

    [Fact, TurnRule("8.6", "2.8")]
    public async Task Save_writes_nothing_when_conversation_does_not_exist_or_is_out_of_reach()
    {
        var command = await CommandAsync(await ConverseAsync(1), 2);
        var before = await StateAsync();

        var unknown = await Store.SaveSummaryAsync(command with { ConversationId = "conv_unknown" });
        var foreign = await Store.SaveSummaryAsync(command with { Access = AccessOf(ScopeOf("user_2")) });

        (unknown, foreign).Should().Be((false, false));
        (await StateAsync()).Should().Equal(before);
    }

    [Theory, TurnRule("8.5", "8.6")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Open_turn_commits_after_run_of_summary(bool isOutdated)
    {
        var id = await ConverseAsync(1);
        var open = await BeginAsync();

        await Store.SaveSummaryAsync(await CommandAsync(id, isOutdated ? 9 : 2));
        var renewed = await Store.RenewLeaseAsync(open.Lease);
        var committed = await CommitAsync(open.Lease, "late");

        (renewed, committed).Should().Be((true, true));
        (await RunsAsync(id)).Select(run => (run.Number, run.Kind, run.Status)).Should().Equal(
            (3, RunKind.Summary, RunStatus.Completed), (2, RunKind.Turn, RunStatus.Completed), (1, RunKind.Turn, RunStatus.Completed));
        (await TextsAsync(id)).Should().EndWith("late");
    }

    [Fact, TurnRule("1.1", "1.3", "8.6")]
    public async Task Takeover_interrupts_open_run_and_takes_number_after_summary()
    {
        var id = await ConverseAsync(1);
        await BeginAsync();
        await Store.SaveSummaryAsync(await CommandAsync(id, 2));
        Time.Advance(LeaseDuration);

        var next = await BeginAsync();

        next.Lease.RunNumber.Should().Be(4);
        (await RunsAsync(id)).Select(run => run.Status).Should().Equal(RunStatus.Running, RunStatus.Completed, RunStatus.Interrupted, RunStatus.Completed);
    }

    [Fact, TurnRule("3.5", "8.6")]
    public async Task Retry_is_not_answered_by_run_of_summary()
    {
        var failed = await AbandonAsync(Keyed(), RunStatus.Failed);
        await Store.SaveSummaryAsync(await CommandAsync(failed.Lease.ConversationId, 1));

        var retry = await BeginAsync(Keyed());

        retry.IsOnExistingInput.Should().BeTrue();
    }

    [Fact, TurnRule("4.3", "4.4", "8.6")]
    public async Task Answering_again_and_restoring_leave_run_of_summary_as_it_is()
    {
        var id = await ConverseAsync(2);
        await Store.SaveSummaryAsync(await CommandAsync(id, 2));
        var before = await Store.GetRunAsync(id, 3, Host);

        var again = await AnswerAgainAsync(id, input: 1, "again");
        await SupersedeAsync(id, input: 1, from: 2, restore: again.RunNumber);

        (await Store.GetRunAsync(id, 3, Host)).Should().Be(before);
        (await RunsAsync(id)).Select(run => run.Status).Should().Equal(RunStatus.Completed, RunStatus.Superseded, RunStatus.Completed, RunStatus.Completed, RunStatus.Completed);
    }

    private async Task<SaveSummaryCommand> CommandAsync(string conversationId, long through) => new()
    {
        ConversationId = conversationId,
        Access = Host,
        Base = null,
        HistoryRevision = (await Store.FindAsync(conversationId))!.HistoryRevision,
        Through = through,
        MessageCount = (int)through,
        Text = "summary",
        StartedAt = Time.GetUtcNow(),
    };
}
