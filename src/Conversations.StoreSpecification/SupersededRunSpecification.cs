using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Runs whose messages were superseded.</summary>
public abstract class SupersededRunSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("19.5")]
    public async Task A_superseded_run_shows_by_which_and_keeps_the_rest()
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
        var back = await SupersedeAsync(id, input: 1, from: 2, restore: again.Fence);

        superseded.Should().Be(before with { Status = RunStatus.Superseded, Outcome = RunStatus.RequiresAction, SupersededBy = again.Fence });
        (await RunOfAsync(first.Lease)).Should().Be(before);
        var second = await RunOfAsync(again);
        (second.Status, second.Outcome, second.SupersededBy).Should().Be((RunStatus.Superseded, RunStatus.Completed, back.Fence));
        (await RunOfAsync(back)).Status.Should().Be(RunStatus.Completed);
    }

    [Fact, Rule("19.5")]
    public async Task Every_run_after_the_message_that_is_answered_again_is_superseded_and_no_other()
    {
        TurnBegun[] runs = [await ExchangeAsync(), await ExchangeAsync(), await AbandonAsync(Turn(), RunStatus.Failed), await ExchangeAsync()];

        var again = await AnswerAgainAsync(runs[0].Lease.ConversationId, input: 3, "again");

        var by = new List<(RunStatus, long?)>();
        foreach (var run in runs)
            by.Add(await StandingAsync(run.Lease));
        by.Should().Equal((RunStatus.Completed, null), (RunStatus.Superseded, again.Fence), (RunStatus.Superseded, again.Fence), (RunStatus.Superseded, again.Fence));
        (await StandingAsync(again)).Should().Be((RunStatus.Completed, null));
    }

    [Fact, Rule("19.5")]
    public async Task A_run_is_not_superseded_by_what_it_superseded_of_its_own()
    {
        var begun = await BeginAsync();

        await Store.CommitTurnAsync(Completion(begun.Lease, "answer") with { SupersedeFrom = 1 });

        (await MessagesAsync(begun.Lease.ConversationId)).Select(message => message.SupersededBy).Should().Equal(begun.Lease.Fence, null);
        (await StandingAsync(begun.Lease)).Should().Be((RunStatus.Completed, null));
    }

    [Fact, Rule("19.5")]
    public async Task A_run_stays_superseded_until_all_of_its_messages_are_restored()
    {
        var first = await BeginAsync();
        await CommitAsync(first.Lease, "2", "3", "4");
        var id = first.Lease.ConversationId;
        var last = await SupersedeAsync(id, input: 1, from: 4, restore: null);
        var rest = await SupersedeAsync(id, input: 1, from: 2, restore: null);

        var both = await StandingAsync(first.Lease);
        await SupersedeAsync(id, input: 1, from: null, restore: rest.Fence);
        var one = await StandingAsync(first.Lease);
        await SupersedeAsync(id, input: 1, from: null, restore: last.Fence);

        both.Should().Be((RunStatus.Superseded, rest.Fence));
        one.Should().Be((RunStatus.Superseded, last.Fence));
        (await StandingAsync(first.Lease)).Should().Be((RunStatus.Completed, null));
    }

    [Fact, Rule("19.5", "13.2")]
    public async Task Delete_of_a_superseded_message_leaves_its_run_superseded()
    {
        var first = await ExchangeAsync();
        var id = first.Lease.ConversationId;
        var again = await AnswerAgainAsync(id, input: 1, "again");

        await Store.DeleteMessageAsync(id, 2, Host);

        (await StandingAsync(first.Lease)).Should().Be((RunStatus.Superseded, again.Fence));
    }

    [Fact, Rule("19.5", "6.3")]
    public async Task Begin_with_the_key_of_a_superseded_run_that_was_completed_gives_that_run()
    {
        var first = await ExchangeAsync(Keyed());
        var again = await AnswerAgainAsync(first.Lease.ConversationId, input: 1, "again");

        var outcome = await Store.BeginTurnAsync(Keyed());

        var run = outcome.Should().BeOfType<TurnCompletedBefore>().Subject.Run;
        run.Should().Be(await RunOfAsync(first.Lease));
        (run.Status, run.Outcome, run.SupersededBy).Should().Be((RunStatus.Superseded, RunStatus.Completed, again.Fence));
    }

    [Fact, Rule("19.5", "6.5")]
    public async Task Begin_with_the_key_of_a_superseded_run_that_failed_gives_the_run_that_superseded_it()
    {
        var first = await BeginAsync(Keyed());
        await Store.CommitTurnAsync(Completion(first.Lease, "half") with { Status = RunStatus.Failed });
        var again = await AnswerAgainAsync(first.Lease.ConversationId, input: 1, "again");

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(again)));
        var failed = await RunOfAsync(first.Lease);
        (failed.Status, failed.Outcome, failed.IdempotencyKey).Should().Be((RunStatus.Superseded, RunStatus.Failed, "key"));
    }

    private async Task<(RunStatus Status, long? By)> StandingAsync(TurnLease lease)
    {
        var run = await RunOfAsync(lease);
        return (run.Status, run.SupersededBy);
    }
}
