namespace Conversations.Tests.Rules;

/// <summary>A request with an idempotency key that did not finish, sent again.</summary>
public class RetryRulesTests : RulesTest
{
    [Theory, TurnRule("3.5")]
    [InlineData(RunStatus.Failed)]
    [InlineData(RunStatus.Cancelled)]
    [InlineData(RunStatus.Interrupted)]
    public async Task Begin_runs_again_on_existing_input_when_run_did_not_finish(RunStatus status)
    {
        var first = await AbandonAsync(Keyed() with { Input = [User("a"), User("b")] }, status);
        var other = await ExchangeAsync();

        var again = await BeginAsync(Keyed() with { Input = [User("not"), User("stored"), User("again")] });

        again.Lease.ConversationId.Should().Be(first.Lease.ConversationId);
        again.Lease.RunNumber.Should().BeGreaterThan(other.Lease.RunNumber);
        again.IsOnExistingInput.Should().BeTrue();
        again.InputPosition.Should().Be(1);
        again.LastPosition.Should().Be(4);
        again.StartReason.Should().BeNull();
        (await TextsAsync(first.Lease.ConversationId)).Should().Equal("a", "b", "hello", "answer");
        var run = await RunOfAsync(again.Lease);
        run.Should().Match<ConversationRun>(r => r.InputPosition == 1 && r.InputCount == 2 && r.IdempotencyKey == "key" && r.Status == RunStatus.Running);
        var old = await RunOfAsync(first.Lease);
        old.Status.Should().Be(status);
        old.IdempotencyKey.Should().BeNull();
    }

    [Fact, TurnRule("3.5", "1.3", "1.4")]
    public async Task Begin_interrupts_first_run_and_runs_again_when_lease_expired()
    {
        var first = await BeginAsync(Keyed());
        Time.Advance(LeaseDuration);

        var again = await BeginAsync(Keyed());

        again.IsOnExistingInput.Should().BeTrue();
        again.InputPosition.Should().Be(1);
        again.LastPosition.Should().Be(1);
        var old = await RunOfAsync(first.Lease);
        old.Status.Should().Be(RunStatus.Interrupted);
        old.EndedAt.Should().Be(Time.GetUtcNow());
        old.IdempotencyKey.Should().BeNull();
        (await CommitAsync(first.Lease, "late")).Should().BeFalse();
        (await CommitAsync(again.Lease, "answer")).Should().BeTrue();
        (await TextsAsync(first.Lease.ConversationId)).Should().Equal("hello", "answer");
    }

    [Fact, TurnRule("3.5", "5.6", "2.7")]
    public async Task Begin_on_existing_input_sets_title_and_is_no_activity()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Failed);
        var before = await GetAsync(first.Lease.ConversationId);
        Time.Advance(TimeSpan.FromMinutes(1));

        await BeginAsync(Keyed() with { TitleFrom = [User("title")] });

        (await GetAsync(first.Lease.ConversationId)).Should().Be(before with { Title = "title", LastRunStatus = RunStatus.Running });
    }

    [Fact, TurnRule("3.5", "1.3")]
    public async Task Begin_takes_over_expired_lease_of_another_run()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Failed);
        var other = await BeginAsync();
        Time.Advance(LeaseDuration);

        var again = await BeginAsync(Keyed());

        again.InputPosition.Should().Be(first.InputPosition);
        (await RunOfAsync(other.Lease)).Status.Should().Be(RunStatus.Interrupted);
        (await CommitAsync(other.Lease, "late")).Should().BeFalse();
    }

    [Fact, TurnRule("3.5")]
    public async Task Begin_is_locked_and_leaves_key_when_another_turn_is_open()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Failed);
        var holder = await BeginAsync();
        var before = await StateAsync();

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnLocked(first.Lease.ConversationId, holder.Lease.RunNumber, LeaseDuration));
        (await StateAsync()).Should().Equal(before);
        (await RunOfAsync(first.Lease)).IdempotencyKey.Should().Be("key");
    }

    [Fact, TurnRule("3.5", "2.3")]
    public async Task Begin_runs_again_where_it_ran_when_another_conversation_is_current()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Failed);
        var current = await ExchangeAsync(Turn() with { StartNew = true });

        var again = await BeginAsync(Keyed());

        again.Lease.ConversationId.Should().Be(first.Lease.ConversationId);
        (await CurrentIdAsync()).Should().Be(current.Lease.ConversationId);
    }

    [Fact, TurnRule("3.5")]
    public async Task Begin_with_start_new_runs_again_in_conversation_it_created()
    {
        var first = await AbandonAsync(Keyed() with { StartNew = true }, RunStatus.Failed);

        var again = await BeginAsync(Keyed() with { StartNew = true });

        again.Lease.ConversationId.Should().Be(first.Lease.ConversationId);
        (await ListAsync()).Should().ContainSingle();
    }

    [Fact, TurnRule("3.5", "3.3")]
    public async Task Begin_returns_second_run_when_it_completed()
    {
        await AbandonAsync(Keyed(), RunStatus.Failed);
        var again = await ExchangeAsync(Keyed());

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(again.Lease)));
    }

    [Fact, TurnRule("3.5")]
    public async Task Begin_by_id_runs_again_where_it_ran_when_id_is_of_another_conversation()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Failed);
        var other = await ExchangeAsync(Turn() with { StartNew = true });

        var again = await BeginAsync(KeyedIn(other.Lease.ConversationId));

        again.Lease.ConversationId.Should().Be(first.Lease.ConversationId);
        again.IsOnExistingInput.Should().BeTrue();
    }

    [Fact, TurnRule("3.5", "1.6")]
    public async Task Begin_interrupts_first_run_and_runs_again_when_clock_was_set_back()
    {
        var first = await BeginAsync(Keyed());
        Time.SetUtcNow(Time.GetUtcNow().AddDays(-1));

        var again = await BeginAsync(Keyed());

        again.IsOnExistingInput.Should().BeTrue();
        (await RunOfAsync(first.Lease)).Status.Should().Be(RunStatus.Interrupted);
        (await CommitAsync(first.Lease, "late")).Should().BeFalse();
    }

    [Fact, TurnRule("3.6")]
    public async Task Begin_by_id_is_ended_when_conversation_ended()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Failed);
        await SetStatusAsync(first.Lease.ConversationId, ConversationStatus.Ended);
        var before = await StateAsync();

        var outcome = await Store.BeginTurnAsync(KeyedIn(first.Lease.ConversationId));

        outcome.Should().Be(new TurnConversationEnded(first.Lease.ConversationId));
        (await StateAsync()).Should().Equal(before);
    }

    [Fact, TurnRule("3.6")]
    public async Task Begin_by_scope_creates_conversation_when_first_one_ended()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Failed);
        await SetStatusAsync(first.Lease.ConversationId, ConversationStatus.Ended);

        var again = await BeginAsync(Keyed() with { Input = [User("new")] });

        again.Lease.ConversationId.Should().NotBe(first.Lease.ConversationId);
        again.StartReason.Should().Be(ConversationStartReason.Ended);
        (await TextsAsync(again.Lease.ConversationId)).Should().Equal("new");
        (await RunOfAsync(first.Lease)).IdempotencyKey.Should().BeNull();
        (await RunOfAsync(again.Lease)).IdempotencyKey.Should().Be("key");
    }

    [Fact, TurnRule("3.6")]
    public async Task Begin_by_scope_interrupts_first_run_when_conversation_ended_and_lease_expired()
    {
        var first = await BeginAsync(Keyed());
        await SetStatusAsync(first.Lease.ConversationId, ConversationStatus.Ended);
        Time.Advance(LeaseDuration);

        var again = await BeginAsync(Keyed());

        again.Lease.ConversationId.Should().NotBe(first.Lease.ConversationId);
        (await RunOfAsync(first.Lease)).Should().Match<ConversationRun>(run =>
            run.Status == RunStatus.Interrupted && run.EndedAt == Time.GetUtcNow() && run.IdempotencyKey == null);
        (await CommitAsync(first.Lease, "late")).Should().BeFalse();
    }

    [Fact, TurnRule("3.6")]
    public async Task Begin_by_scope_leaves_key_when_current_conversation_is_locked()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Failed);
        await SetStatusAsync(first.Lease.ConversationId, ConversationStatus.Archived);
        var holder = await BeginAsync();

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnLocked(holder.Lease.ConversationId, holder.Lease.RunNumber, LeaseDuration));
        (await RunOfAsync(first.Lease)).IdempotencyKey.Should().Be("key");
    }

    [Theory, TurnRule("3.6")]
    [InlineData(ConversationStatus.Ended)]
    [InlineData(ConversationStatus.Archived)]
    public async Task Begin_by_id_is_ended_with_id_that_was_named(ConversationStatus status)
    {
        var (_, named) = await AbandonInAnEndedOneAsync();
        await SetStatusAsync(named.Lease.ConversationId, status);
        var before = await StateAsync();

        var outcome = await Store.BeginTurnAsync(KeyedIn(named.Lease.ConversationId));

        outcome.Should().Be(new TurnConversationEnded(named.Lease.ConversationId));
        (await StateAsync()).Should().Equal(before);
    }

    [Fact, TurnRule("3.6")]
    public async Task Begin_by_id_takes_key_when_first_conversation_ended()
    {
        var (first, named) = await AbandonInAnEndedOneAsync();

        var again = await BeginAsync(KeyedIn(named.Lease.ConversationId) with { Input = [User("new")] });

        again.Lease.ConversationId.Should().Be(named.Lease.ConversationId);
        again.IsOnExistingInput.Should().BeFalse();
        again.InputPosition.Should().Be(3);
        (await TextsAsync(named.Lease.ConversationId)).Should().Equal("hello", "answer", "new");
        (await RunOfAsync(first.Lease)).IdempotencyKey.Should().BeNull();
        (await RunOfAsync(again.Lease)).IdempotencyKey.Should().Be("key");
    }

    [Fact, TurnRule("3.6", "1.5")]
    public async Task Begin_leaves_first_run_when_it_does_not_begin()
    {
        var first = await BeginAsync(Keyed());
        await SetStatusAsync(first.Lease.ConversationId, ConversationStatus.Ended);
        Time.Advance(LeaseDuration);
        var holder = await BeginAsync();

        var locked = await Store.BeginTurnAsync(Keyed());
        var ended = await Store.BeginTurnAsync(KeyedIn(first.Lease.ConversationId));

        locked.Should().Be(new TurnLocked(holder.Lease.ConversationId, holder.Lease.RunNumber, LeaseDuration));
        ended.Should().Be(new TurnConversationEnded(first.Lease.ConversationId));
        (await RunOfAsync(first.Lease)).Status.Should().Be(RunStatus.Running);
        (await CommitAsync(first.Lease, "late")).Should().BeTrue();
    }

    /// <summary>A request that failed in a conversation that has ended since, and the current conversation of its scope, which is active.</summary>
    private async Task<(TurnBegun Request, TurnBegun Current)> AbandonInAnEndedOneAsync()
    {
        var request = await AbandonAsync(Keyed(), RunStatus.Failed);
        var current = await ExchangeAsync(Turn() with { StartNew = true });
        await SetStatusAsync(request.Lease.ConversationId, ConversationStatus.Ended);
        return (request, current);
    }
}
