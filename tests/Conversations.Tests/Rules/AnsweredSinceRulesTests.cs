namespace Conversations.Tests.Rules;

/// <summary>A request with an idempotency key that did not finish, sent again after a later run answered or superseded its input.</summary>
public class AnsweredSinceRulesTests : RulesTest
{
    [Theory, TurnRule("3.5")]
    [InlineData(RunStatus.Failed, RunStatus.Completed)]
    [InlineData(RunStatus.Cancelled, RunStatus.Completed)]
    [InlineData(RunStatus.Interrupted, RunStatus.RequiresAction)]
    public async Task Begin_returns_later_run_when_it_answered_same_input(RunStatus status, RunStatus answered)
    {
        var request = await AbandonAsync(Keyed(), status);
        var answer = await BeginAsync(Again(request.Lease.ConversationId, 1));
        await Store.CommitTurnAsync(Completion(answer.Lease, "answer") with { Status = answered, SupersedeFrom = 2 });
        var before = await StateAsync();

        var outcome = await Store.BeginTurnAsync(Keyed());
        var startingNew = await Store.BeginTurnAsync(Keyed() with { StartNew = true });

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(answer.Lease)));
        startingNew.Should().Be(outcome);
        (await StateAsync()).Should().Equal(before);
        (await RunOfAsync(request.Lease)).IdempotencyKey.Should().Be("key");
    }

    [Fact, TurnRule("3.5", "1.3")]
    public async Task Begin_returns_later_run_when_lease_of_first_expired()
    {
        var request = await BeginAsync(Keyed());
        Time.Advance(LeaseDuration);
        var answer = await AnswerAgainAsync(request.Lease.ConversationId, input: 1, "answer");

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(answer)));
    }

    [Fact, TurnRule("3.5", "5.5")]
    public async Task Begin_returns_last_answer_when_it_was_superseded()
    {
        var id = await ConverseAsync(1);
        await AbandonAsync(Keyed(), RunStatus.Failed);
        await AnswerAgainAsync(id, input: 3, "first");
        var last = await AnswerAgainAsync(id, input: 3, "last");
        var other = await AnswerAgainAsync(id, input: 1, "and the input is superseded");

        var outcome = await Store.BeginTurnAsync(Keyed());

        var run = outcome.Should().BeOfType<TurnCompletedBefore>().Subject.Run;
        run.Should().Be(await RunOfAsync(last));
        (run.Status, run.Outcome, run.SupersededBy).Should().Be((RunStatus.Superseded, RunStatus.Completed, other.RunNumber));
    }

    [Fact, TurnRule("3.5", "4.4")]
    public async Task Begin_returns_last_answer_when_answer_was_restored()
    {
        var request = await AbandonAsync(Keyed(), RunStatus.Failed);
        var first = await AnswerAgainAsync(request.Lease.ConversationId, input: 1, "first");
        var second = await AnswerAgainAsync(request.Lease.ConversationId, input: 1, "second");
        var restoring = await BeginAsync(Again(request.Lease.ConversationId, 1));
        await Store.CommitTurnAsync(Completion(restoring.Lease) with { SupersedeFrom = 2, Restore = second.RunNumber });

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(second)));
        first.RunNumber.Should().BeLessThan(second.RunNumber);
    }

    [Fact, TurnRule("3.5", "1.2")]
    public async Task Begin_returns_later_run_when_another_turn_is_open()
    {
        var request = await AbandonAsync(Keyed(), RunStatus.Failed);
        var answer = await AnswerAgainAsync(request.Lease.ConversationId, input: 1, "answer");
        await BeginAsync();

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(answer)));
    }

    [Fact, TurnRule("3.5", "4.6")]
    public async Task Begin_returns_later_run_when_second_answer_failed()
    {
        var id = await ConverseAsync(1);
        var again = Again(id, 1) with { IdempotencyKey = "key", Fingerprint = "fingerprint" };
        await AbandonAsync(again, RunStatus.Failed);
        var answer = await AnswerAgainAsync(id, input: 1, "again");

        var outcome = await Store.BeginTurnAsync(again);

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(answer)));
    }

    [Fact, TurnRule("3.5")]
    public async Task Begin_runs_again_when_later_runs_failed()
    {
        var request = await AbandonAsync(Keyed(), RunStatus.Failed);
        foreach (var status in new[] { RunStatus.Failed, RunStatus.Cancelled, RunStatus.Interrupted })
            await AbandonAsync(Again(request.Lease.ConversationId, 1), status);

        var again = await BeginAsync(Keyed());

        (again.Lease.ConversationId, again.InputPosition, again.IsOnExistingInput).Should().Be((request.Lease.ConversationId, 1, true));
    }

    [Fact, TurnRule("3.5")]
    public async Task Begin_runs_again_when_later_runs_answered_other_input()
    {
        var request = await AbandonAsync(Keyed() with { Input = [User("a"), User("b")] }, RunStatus.Failed);
        var id = request.Lease.ConversationId;
        foreach (var position in new[] { 1, 2 })
            await SupersedeAsync(id, input: position, from: null, restore: null, Assistant("of half of it"));
        await ExchangeAsync(Turn() with { StartNew = true, Input = [User("a"), User("b")] });
        await ExchangeAsync(TurnIn(id) with { Input = [User("c"), User("d")] });

        var again = await BeginAsync(Keyed());

        (again.Lease.ConversationId, again.InputPosition, again.IsOnExistingInput).Should().Be((id, 1, true));
        (await RunOfAsync(again.Lease)).InputCount.Should().Be(2);
    }

    [Fact, TurnRule("3.5", "4.6")]
    public async Task Begin_runs_again_when_only_earlier_run_answered()
    {
        var id = await ConverseAsync(1);
        var again = Again(id, 1) with { IdempotencyKey = "key", Fingerprint = "fingerprint" };
        await AbandonAsync(again, RunStatus.Failed);

        var second = await BeginAsync(again);

        (second.InputPosition, second.IsOnExistingInput).Should().Be((1, true));
    }

    [Fact, TurnRule("3.5", "7.1")]
    public async Task Begin_runs_again_when_input_was_deleted()
    {
        await AbandonAsync(Keyed(), RunStatus.Failed);
        var id = (await ExchangeAsync()).Lease.ConversationId;
        await Store.DeleteMessageAsync(id, 1, Host);

        var again = await BeginAsync(Keyed());

        (again.InputPosition, again.LastPosition, again.IsOnExistingInput).Should().Be((1, 3, true));
    }

    [Fact, TurnRule("3.5", "4.4")]
    public async Task Begin_runs_again_when_input_was_restored()
    {
        var id = await ConverseAsync(1);
        await AbandonAsync(Keyed(), RunStatus.Failed);
        var other = await AnswerAgainAsync(id, input: 1, "other");
        await SupersedeAsync(id, input: 1, from: 2, restore: other.RunNumber);

        var again = await BeginAsync(Keyed());

        (again.InputPosition, again.IsOnExistingInput).Should().Be((3, true));
    }

    [Theory, TurnRule("3.6")]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    public async Task Begin_takes_key_and_appends_input_when_first_input_is_superseded(int input, int count)
    {
        var id = await ConverseAsync(1);
        var request = await AbandonAsync(Keyed() with { Input = [.. Enumerable.Range(1, count).Select(number => User($"{number}"))] }, RunStatus.Failed);
        await AnswerAgainAsync(id, input, "other");

        var again = await BeginAsync(Keyed() with { Input = [User("new")] });

        (again.Lease.ConversationId, again.InputPosition, again.IsOnExistingInput, again.StartReason).Should().Be((id, count + 4, false, null));
        (await MessagesAsync(id))[^1].Should().Match<StoredMessage>(message => message.Text == "new" && !message.IsSuperseded);
        (await RunOfAsync(request.Lease)).Should().Match<ConversationRun>(run => run.IdempotencyKey == null && run.Outcome == RunStatus.Failed);
        (await RunOfAsync(again.Lease)).Should().Match<ConversationRun>(run => run.IdempotencyKey == "key" && run.InputCount == 1);
    }

    [Fact, TurnRule("3.6")]
    public async Task Begin_by_scope_continues_current_conversation_when_first_input_is_superseded()
    {
        var id = await FailAndSupersedeAsync();
        var current = await ExchangeAsync(Turn() with { StartNew = true });

        var again = await BeginAsync(Keyed());

        (again.Lease.ConversationId, again.InputPosition).Should().Be((current.Lease.ConversationId, 3));
        (await MessagesAsync(id)).Should().HaveCount(4);
    }

    [Fact, TurnRule("3.6")]
    public async Task Begin_with_start_new_creates_conversation_when_first_input_is_superseded()
    {
        var id = await FailAndSupersedeAsync();

        var again = await BeginAsync(Keyed() with { StartNew = true });

        again.Lease.ConversationId.Should().NotBe(id);
        again.StartReason.Should().Be(ConversationStartReason.Requested);
    }

    [Fact, TurnRule("3.6", "1.2")]
    public async Task Begin_leaves_key_when_it_is_locked_and_first_input_is_superseded()
    {
        var id = await FailAndSupersedeAsync();
        var holder = await BeginAsync();

        var locked = await Store.BeginTurnAsync(Keyed());

        locked.Should().Be(new TurnLocked(id, holder.Lease.RunNumber, LeaseDuration));
        (await RunsAsync(id)).Should().ContainSingle(run => run.IdempotencyKey == "key");
    }

    [Fact, TurnRule("3.6")]
    public async Task Begin_ignores_later_answer_when_conversation_ended()
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

    /// <summary>A request that failed at the third position, which a second answer to the first superseded.</summary>
    private async Task<string> FailAndSupersedeAsync()
    {
        var id = await ConverseAsync(1);
        await AbandonAsync(Keyed(), RunStatus.Failed);
        await AnswerAgainAsync(id, input: 1, "other");
        return id;
    }
}
