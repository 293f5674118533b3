namespace Conversations.Tests.Rules;

/// <summary>Runs whose messages were superseded.</summary>
public class SupersededRunRulesTests : RulesTest
{
    [Fact, TurnRule("5.5")]
    public async Task Superseded_run_shows_which_run_superseded_it_and_keeps_the_rest()
    {
        var first = await BeginAsync();
        var id = first.Lease.ConversationId;
        await Store.CommitTurnAsync(Completion(first.Lease, "answer") with
        {
            Status = RunStatus.RequiresAction,
            Model = "model",
            FinishReason = "length",
            Usage = new TokenUsage { InputTokens = 3, OutputTokens = 2, CachedInputTokens = 1 },
            PromptTokens = 9,
            HistoryTokens = 4,
            Cost = 0.5m,
        });
        var before = await RunOfAsync(first.Lease);
        Time.Advance(TimeSpan.FromSeconds(1));

        var again = await AnswerAgainAsync(id, input: 1, "again");
        var superseded = await RunOfAsync(first.Lease);
        var back = await SupersedeAsync(id, input: 1, from: 2, restore: again.RunNumber);

        superseded.Should().Be(before with { Status = RunStatus.Superseded, Outcome = RunStatus.RequiresAction, SupersededBy = again.RunNumber });
        (await RunOfAsync(first.Lease)).Should().Be(before);
        var second = await RunOfAsync(again);
        (second.Status, second.Outcome, second.SupersededBy).Should().Be((RunStatus.Superseded, RunStatus.Completed, back.RunNumber));
        (await RunOfAsync(back)).Status.Should().Be(RunStatus.Completed);
    }

    [Fact, TurnRule("5.5")]
    public async Task Commit_supersedes_every_run_after_answered_message()
    {
        TurnBegun[] runs = [await ExchangeAsync(), await ExchangeAsync(), await AbandonAsync(Turn(), RunStatus.Failed), await ExchangeAsync()];

        var again = await AnswerAgainAsync(runs[0].Lease.ConversationId, input: 3, "again");

        var by = new List<(RunStatus, long?)>();
        foreach (var run in runs)
            by.Add(await StatusAsync(run.Lease));
        by.Should().Equal((RunStatus.Completed, null), (RunStatus.Superseded, again.RunNumber), (RunStatus.Superseded, again.RunNumber), (RunStatus.Superseded, again.RunNumber));
        (await StatusAsync(again)).Should().Be((RunStatus.Completed, null));
    }

    [Fact, TurnRule("5.5")]
    public async Task Run_is_not_superseded_by_itself()
    {
        var begun = await BeginAsync();

        await Store.CommitTurnAsync(Completion(begun.Lease, "answer") with { SupersedeFrom = 1 });

        (await MessagesAsync(begun.Lease.ConversationId)).Select(message => message.SupersededBy).Should().Equal(begun.Lease.RunNumber, null);
        (await StatusAsync(begun.Lease)).Should().Be((RunStatus.Completed, null));
    }

    [Fact, TurnRule("5.5")]
    public async Task Run_stays_superseded_until_all_its_messages_are_restored()
    {
        var first = await BeginAsync();
        await CommitAsync(first.Lease, "2", "3", "4");
        var id = first.Lease.ConversationId;
        var last = await SupersedeAsync(id, input: 1, from: 4, restore: null);
        var rest = await SupersedeAsync(id, input: 1, from: 2, restore: null);

        var both = await StatusAsync(first.Lease);
        await SupersedeAsync(id, input: 1, from: null, restore: rest.RunNumber);
        var one = await StatusAsync(first.Lease);
        await SupersedeAsync(id, input: 1, from: null, restore: last.RunNumber);

        both.Should().Be((RunStatus.Superseded, rest.RunNumber));
        one.Should().Be((RunStatus.Superseded, last.RunNumber));
        (await StatusAsync(first.Lease)).Should().Be((RunStatus.Completed, null));
    }

    [Fact, TurnRule("5.5")]
    public async Task Run_stays_superseded_by_run_of_earlier_message_when_later_message_is_restored()
    {
        var first = await BeginAsync();
        await CommitAsync(first.Lease, "2", "3", "4");
        var id = first.Lease.ConversationId;
        var last = await SupersedeAsync(id, input: 1, from: 4, restore: null);
        var rest = await SupersedeAsync(id, input: 1, from: 2, restore: null);

        await SupersedeAsync(id, input: 1, from: null, restore: last.RunNumber);

        (await StatusAsync(first.Lease)).Should().Be((RunStatus.Superseded, rest.RunNumber));
    }

    [Fact, TurnRule("5.5", "7.1")]
    public async Task Run_stays_superseded_when_its_message_was_deleted()
    {
        var first = await ExchangeAsync();
        var id = first.Lease.ConversationId;
        var again = await AnswerAgainAsync(id, input: 1, "again");

        await Store.DeleteMessageAsync(id, 2, Host);

        (await StatusAsync(first.Lease)).Should().Be((RunStatus.Superseded, again.RunNumber));
    }

    [Fact, TurnRule("5.5", "3.3")]
    public async Task Begin_returns_superseded_run_when_it_was_completed()
    {
        var first = await ExchangeAsync(Keyed());
        var again = await AnswerAgainAsync(first.Lease.ConversationId, input: 1, "again");

        var outcome = await Store.BeginTurnAsync(Keyed());

        var run = outcome.Should().BeOfType<TurnCompletedBefore>().Subject.Run;
        run.Should().Be(await RunOfAsync(first.Lease));
        (run.Status, run.Outcome, run.SupersededBy).Should().Be((RunStatus.Superseded, RunStatus.Completed, again.RunNumber));
    }

    [Fact, TurnRule("5.5", "3.5")]
    public async Task Begin_returns_run_that_superseded_failed_run()
    {
        var first = await BeginAsync(Keyed());
        await Store.CommitTurnAsync(Completion(first.Lease, "half") with { Status = RunStatus.Failed });
        var again = await AnswerAgainAsync(first.Lease.ConversationId, input: 1, "again");

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(again)));
        var failed = await RunOfAsync(first.Lease);
        (failed.Status, failed.Outcome, failed.IdempotencyKey).Should().Be((RunStatus.Superseded, RunStatus.Failed, "key"));
    }

    private async Task<(RunStatus Status, long? By)> StatusAsync(TurnLease lease)
    {
        var run = await RunOfAsync(lease);
        return (run.Status, run.SupersededBy);
    }
}
