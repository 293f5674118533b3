using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A request with an idempotency key that did not finish, made again after its input was answered by a later run, or superseded.</summary>
public abstract class AnsweredSinceSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Theory, Rule("6.5")]
    [InlineData(RunStatus.Failed, RunStatus.Completed)]
    [InlineData(RunStatus.Cancelled, RunStatus.Completed)]
    [InlineData(RunStatus.Interrupted, RunStatus.RequiresAction)]
    public async Task Begin_of_a_request_that_a_later_run_answered_gives_that_run_and_writes_nothing(RunStatus status, RunStatus answered)
    {
        var request = await AbandonAsync(Keyed(), status);
        var answer = await BeginAsync(Again(request.Lease.ConversationId, 1));
        await Store.CommitTurnAsync(Completion(answer.Lease, "answer") with { Status = answered, SupersedeFrom = 2 });
        var before = await StateAsync();

        var outcome = await Store.BeginTurnAsync(Keyed());
        var startingNew = await Store.BeginTurnAsync(Keyed() with { StartNew = true, ExpectedLastPosition = 9 });

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(answer.Lease)));
        startingNew.Should().Be(outcome);
        (await StateAsync()).Should().Equal(before);
        (await RunOfAsync(request.Lease)).IdempotencyKey.Should().Be("key");
    }

    [Fact, Rule("6.5", "4.3")]
    public async Task Begin_of_a_request_whose_lease_expired_and_that_a_later_run_answered_gives_that_run()
    {
        var request = await BeginAsync(Keyed());
        Time.Advance(LeaseDuration);
        var answer = await AnswerAgainAsync(request.Lease.ConversationId, input: 1, "answer");

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(answer)));
    }

    [Fact, Rule("6.5", "19.5")]
    public async Task Begin_of_a_request_that_was_answered_twice_gives_the_last_answer_whatever_superseded_it_since()
    {
        var id = await ConverseAsync(1);
        await AbandonAsync(Keyed(), RunStatus.Failed);
        await AnswerAgainAsync(id, input: 3, "first");
        var last = await AnswerAgainAsync(id, input: 3, "last");
        var other = await AnswerAgainAsync(id, input: 1, "and the input is superseded");

        var outcome = await Store.BeginTurnAsync(Keyed());

        var run = outcome.Should().BeOfType<TurnCompletedBefore>().Subject.Run;
        run.Should().Be(await RunOfAsync(last));
        (run.Status, run.Outcome, run.SupersededBy).Should().Be((RunStatus.Superseded, RunStatus.Completed, other.Fence));
    }

    [Fact, Rule("6.5", "19.3")]
    public async Task Begin_of_a_request_whose_answer_since_was_restored_away_gives_that_answer_and_not_the_run_that_restored()
    {
        var request = await AbandonAsync(Keyed(), RunStatus.Failed);
        var first = await AnswerAgainAsync(request.Lease.ConversationId, input: 1, "first");
        var second = await AnswerAgainAsync(request.Lease.ConversationId, input: 1, "second");
        var restoring = await BeginAsync(Again(request.Lease.ConversationId, 1));
        await Store.CommitTurnAsync(Completion(restoring.Lease) with { Messages = [], SupersedeFrom = 2, Restore = second.Fence });

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(second)));
        first.Fence.Should().BeLessThan(second.Fence);
    }

    [Fact, Rule("6.5", "4.2")]
    public async Task Begin_of_a_request_that_a_later_run_answered_gives_that_run_while_another_turn_is_open()
    {
        var request = await AbandonAsync(Keyed(), RunStatus.Failed);
        var answer = await AnswerAgainAsync(request.Lease.ConversationId, input: 1, "answer");
        await BeginAsync();

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(answer)));
    }

    [Fact, Rule("6.5", "19.1")]
    public async Task Begin_of_an_answer_again_that_failed_gives_the_later_run_that_answered()
    {
        var id = await ConverseAsync(1);
        var again = Again(id, 1) with { IdempotencyKey = "key", Fingerprint = "fingerprint" };
        await AbandonAsync(again, RunStatus.Failed);
        var answer = await AnswerAgainAsync(id, input: 1, "again");

        var outcome = await Store.BeginTurnAsync(again);

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(answer)));
    }

    [Fact, Rule("6.5")]
    public async Task Begin_of_a_request_that_later_runs_failed_to_answer_runs_again()
    {
        var request = await AbandonAsync(Keyed(), RunStatus.Failed);
        foreach (var status in new[] { RunStatus.Failed, RunStatus.Cancelled, RunStatus.Interrupted })
            await AbandonAsync(Again(request.Lease.ConversationId, 1), status);

        var again = await BeginAsync(Keyed());

        (again.Lease.ConversationId, again.InputPosition, again.IsOnSavedInput).Should().Be((request.Lease.ConversationId, 1, true));
    }

    [Fact, Rule("6.5")]
    public async Task Begin_of_a_request_after_answers_to_other_input_runs_again()
    {
        var request = await AbandonAsync(Keyed() with { Input = [User("a"), User("b")] }, RunStatus.Failed);
        var id = request.Lease.ConversationId;
        foreach (var position in new[] { 1, 2 })
            await SupersedeAsync(id, input: position, from: null, restore: null, Assistant("of half of it"));
        await ExchangeAsync(Turn() with { StartNew = true, Input = [User("a"), User("b")] });
        await ExchangeAsync(TurnIn(id) with { Input = [User("c"), User("d")] });

        var again = await BeginAsync(Keyed());

        (again.Lease.ConversationId, again.InputPosition, again.IsOnSavedInput).Should().Be((id, 1, true));
        (await RunOfAsync(again.Lease)).InputCount.Should().Be(2);
    }

    [Fact, Rule("6.5", "19.1")]
    public async Task Begin_of_a_request_after_an_earlier_answer_runs_again()
    {
        var id = await ConverseAsync(1);
        var again = Again(id, 1) with { IdempotencyKey = "key", Fingerprint = "fingerprint" };
        await AbandonAsync(again, RunStatus.Failed);

        var second = await BeginAsync(again);

        (second.InputPosition, second.IsOnSavedInput).Should().Be((1, true));
    }

    [Fact, Rule("6.5", "13.2")]
    public async Task Begin_of_a_request_whose_input_was_deleted_runs_again()
    {
        await AbandonAsync(Keyed(), RunStatus.Failed);
        var id = (await ExchangeAsync()).Lease.ConversationId;
        await Store.DeleteMessageAsync(id, 1, Host);

        var again = await BeginAsync(Keyed());

        (again.InputPosition, again.LastPosition, again.IsOnSavedInput).Should().Be((1, 3, true));
    }

    [Fact, Rule("6.5", "19.3")]
    public async Task Begin_of_a_request_whose_input_was_restored_runs_again()
    {
        var id = await ConverseAsync(1);
        await AbandonAsync(Keyed(), RunStatus.Failed);
        var other = await AnswerAgainAsync(id, input: 1, "other");
        await SupersedeAsync(id, input: 1, from: 2, restore: other.Fence);

        var again = await BeginAsync(Keyed());

        (again.InputPosition, again.IsOnSavedInput).Should().Be((3, true));
    }

    [Theory, Rule("6.6")]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    public async Task Begin_of_a_request_whose_input_is_superseded_takes_the_key_and_begins_as_new(int input, int count)
    {
        var id = await ConverseAsync(1);
        var request = await AbandonAsync(Keyed() with { Input = [.. Enumerable.Range(1, count).Select(number => User($"{number}"))] }, RunStatus.Failed);
        await AnswerAgainAsync(id, input, "other");

        var again = await BeginAsync(Keyed() with { Input = [User("new")] });

        (again.Lease.ConversationId, again.InputPosition, again.IsOnSavedInput, again.StartReason).Should().Be((id, count + 4, false, null));
        (await MessagesAsync(id))[^1].Should().Match<ConversationMessage>(message => message.Text == "new" && !message.IsSuperseded);
        (await RunOfAsync(request.Lease)).Should().Match<ConversationRun>(run => run.IdempotencyKey == null && run.Outcome == RunStatus.Failed);
        (await RunOfAsync(again.Lease)).Should().Match<ConversationRun>(run => run.IdempotencyKey == "key" && run.InputCount == 1);
    }

    [Fact, Rule("6.6")]
    public async Task Begin_by_scope_of_a_request_whose_input_is_superseded_begins_where_a_new_one_would()
    {
        var id = await FailAndSupersedeAsync();
        var current = await ExchangeAsync(Turn() with { StartNew = true });

        var again = await BeginAsync(Keyed());

        (again.Lease.ConversationId, again.InputPosition).Should().Be((current.Lease.ConversationId, 3));
        (await MessagesAsync(id)).Should().HaveCount(4);
    }

    [Fact, Rule("6.6")]
    public async Task Begin_to_start_anew_of_a_request_whose_input_is_superseded_creates_a_conversation()
    {
        var id = await FailAndSupersedeAsync();

        var again = await BeginAsync(Keyed() with { StartNew = true });

        again.Lease.ConversationId.Should().NotBe(id);
        again.StartReason.Should().Be(ConversationStartReason.Requested);
    }

    [Fact, Rule("6.6", "5.7", "4.2")]
    public async Task Begin_as_new_of_a_request_whose_input_is_superseded_that_does_not_begin_leaves_the_key_where_it_is()
    {
        var id = await FailAndSupersedeAsync();
        var before = await StateAsync();

        var moved = await Store.BeginTurnAsync(KeyedIn(id) with { ExpectedLastPosition = 2 });
        var after = await StateAsync();
        var holder = await BeginAsync();
        var locked = await Store.BeginTurnAsync(Keyed());

        moved.Should().Be(new TurnConversationMoved());
        after.Should().Equal(before);
        locked.Should().Be(new TurnLocked(id, holder.Lease.Fence, LeaseDuration));
        (await Store.ListRunsAsync(new RunListing { ConversationId = id, Access = Host, Limit = 9 })).Should().ContainSingle(run => run.IdempotencyKey == "key");
    }

    [Fact, Rule("6.6")]
    public async Task Begin_of_a_request_that_a_later_run_answered_in_a_conversation_that_ended_begins_as_new()
    {
        var request = await AbandonAsync(Keyed(), RunStatus.Failed);
        var id = request.Lease.ConversationId;
        await AnswerAgainAsync(id, input: 1, "answer");
        await SetStatusAsync(id, ConversationStatus.Ended);

        var byId = await Store.BeginTurnAsync(KeyedIn(id));
        var byScope = await BeginAsync(Keyed());

        byId.Should().Be(new TurnConversationEnded(id));
        byScope.StartReason.Should().Be(ConversationStartReason.Ended);
    }

    /// <summary>A request that failed at the third position, which another answer to the first superseded.</summary>
    private async Task<string> FailAndSupersedeAsync()
    {
        var id = await ConverseAsync(1);
        await AbandonAsync(Keyed(), RunStatus.Failed);
        await AnswerAgainAsync(id, input: 1, "other");
        return id;
    }
}
