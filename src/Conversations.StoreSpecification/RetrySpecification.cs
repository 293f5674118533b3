using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A request with an idempotency key that did not finish, made again.</summary>
public abstract class RetrySpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Theory, Rule("6.5")]
    [InlineData(RunStatus.Failed)]
    [InlineData(RunStatus.Cancelled)]
    [InlineData(RunStatus.Interrupted)]
    public async Task Begin_of_an_unfinished_request_runs_again_on_the_saved_input(RunStatus status)
    {
        var first = await AbandonAsync(Keyed() with { Input = [User("a"), User("b")] }, status);
        var other = await ExchangeAsync();

        var again = await BeginAsync(Keyed() with { Input = [User("not"), User("saved"), User("again")] });

        again.Lease.ConversationId.Should().Be(first.Lease.ConversationId);
        again.Lease.Fence.Should().BeGreaterThan(other.Lease.Fence);
        again.IsOnSavedInput.Should().BeTrue();
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

    [Fact, Rule("6.5", "4.3", "4.4")]
    public async Task Begin_of_a_request_whose_lease_expired_interrupts_it_and_runs_again()
    {
        var first = await BeginAsync(Keyed());
        Time.Advance(LeaseDuration);

        var again = await BeginAsync(Keyed());

        again.IsOnSavedInput.Should().BeTrue();
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

    [Fact, Rule("6.5", "8.5", "5.6")]
    public async Task Begin_on_saved_input_is_no_activity_and_gives_a_title()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Failed);
        var before = await GetAsync(first.Lease.ConversationId);
        Time.Advance(TimeSpan.FromMinutes(1));

        await BeginAsync(Keyed() with { Title = "title" });

        (await GetAsync(first.Lease.ConversationId)).Should().Be(before with { Title = "title" });
    }

    [Fact, Rule("6.5", "4.3")]
    public async Task Begin_of_a_failed_request_takes_over_an_expired_lease_of_another()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Failed);
        var other = await BeginAsync();
        Time.Advance(LeaseDuration);

        var again = await BeginAsync(Keyed());

        again.InputPosition.Should().Be(first.InputPosition);
        (await RunOfAsync(other.Lease)).Status.Should().Be(RunStatus.Interrupted);
        (await CommitAsync(other.Lease, "late")).Should().BeFalse();
    }

    [Fact, Rule("6.5")]
    public async Task Begin_of_a_failed_request_while_another_turn_is_open_is_locked_and_keeps_the_key()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Failed);
        var holder = await BeginAsync();
        var before = await StateAsync();

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnLocked(first.Lease.ConversationId, holder.Lease.Fence, LeaseDuration));
        (await StateAsync()).Should().Equal(before);
        (await RunOfAsync(first.Lease)).IdempotencyKey.Should().Be("key");
    }

    [Fact, Rule("6.5", "5.3")]
    public async Task Begin_of_a_failed_request_runs_again_where_it_ran_even_if_that_is_no_longer_current()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Failed);
        var current = await ExchangeAsync(Turn() with { StartNew = true });

        var again = await BeginAsync(Keyed());

        again.Lease.ConversationId.Should().Be(first.Lease.ConversationId);
        (await CurrentIdAsync()).Should().Be(current.Lease.ConversationId);
    }

    [Fact, Rule("6.5")]
    public async Task Begin_of_a_failed_request_that_asked_for_a_new_conversation_creates_no_second()
    {
        var first = await AbandonAsync(Keyed() with { StartNew = true }, RunStatus.Failed);

        var again = await BeginAsync(Keyed() with { StartNew = true });

        again.Lease.ConversationId.Should().Be(first.Lease.ConversationId);
        (await ListAsync()).Should().ContainSingle();
    }

    [Fact, Rule("6.5", "5.7")]
    public async Task Begin_of_a_failed_request_does_not_take_its_own_input_for_a_move()
    {
        var before = await ExchangeAsync();
        await AbandonAsync(Keyed() with { ExpectedLastPosition = before.LastPosition + 1 }, RunStatus.Failed);

        var again = await BeginAsync(Keyed() with { ExpectedLastPosition = before.LastPosition + 1 });

        again.InputPosition.Should().Be(3);
    }

    [Fact, Rule("6.5", "6.3")]
    public async Task Begin_after_a_second_run_completed_gives_that_run()
    {
        await AbandonAsync(Keyed(), RunStatus.Failed);
        var again = await ExchangeAsync(Keyed());

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(again.Lease)));
    }

    [Fact, Rule("6.5")]
    public async Task Begin_by_id_of_another_conversation_runs_again_where_it_ran()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Failed);
        var other = await ExchangeAsync(Turn() with { StartNew = true });

        var again = await BeginAsync(KeyedIn(other.Lease.ConversationId));

        again.Lease.ConversationId.Should().Be(first.Lease.ConversationId);
        again.IsOnSavedInput.Should().BeTrue();
    }

    [Fact, Rule("6.5", "14.2")]
    public async Task Begin_of_a_request_after_the_clock_was_set_back_interrupts_it_and_runs_again()
    {
        var first = await BeginAsync(Keyed());
        Time.SetUtcNow(Time.GetUtcNow().AddDays(-1));

        var again = await BeginAsync(Keyed());

        again.IsOnSavedInput.Should().BeTrue();
        (await RunOfAsync(first.Lease)).Status.Should().Be(RunStatus.Interrupted);
        (await CommitAsync(first.Lease, "late")).Should().BeFalse();
    }

    [Fact, Rule("6.6")]
    public async Task Begin_by_id_of_a_failed_request_of_an_ended_conversation_is_ended()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Failed);
        await SetStatusAsync(first.Lease.ConversationId, ConversationStatus.Ended);
        var before = await StateAsync();

        var outcome = await Store.BeginTurnAsync(KeyedIn(first.Lease.ConversationId));

        outcome.Should().Be(new TurnConversationEnded(first.Lease.ConversationId));
        (await StateAsync()).Should().Equal(before);
    }

    [Fact, Rule("6.6")]
    public async Task Begin_by_scope_of_a_failed_request_of_an_ended_conversation_begins_as_new()
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

    [Fact, Rule("6.6")]
    public async Task Begin_by_scope_as_new_of_a_request_whose_lease_expired_interrupts_it()
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

    [Fact, Rule("6.6")]
    public async Task Begin_by_scope_as_new_that_finds_the_current_one_locked_leaves_the_key_where_it_is()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Failed);
        await SetStatusAsync(first.Lease.ConversationId, ConversationStatus.Archived);
        var holder = await BeginAsync();

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnLocked(holder.Lease.ConversationId, holder.Lease.Fence, LeaseDuration));
        (await RunOfAsync(first.Lease)).IdempotencyKey.Should().Be("key");
    }

    [Theory, Rule("6.6")]
    [InlineData(ConversationStatus.Ended)]
    [InlineData(ConversationStatus.Archived)]
    public async Task Begin_by_id_of_another_conversation_that_ended_names_that_one(ConversationStatus status)
    {
        var (_, named) = await AbandonInAnEndedOneAsync();
        await SetStatusAsync(named.Lease.ConversationId, status);
        var before = await StateAsync();

        var outcome = await Store.BeginTurnAsync(KeyedIn(named.Lease.ConversationId));

        outcome.Should().Be(new TurnConversationEnded(named.Lease.ConversationId));
        (await StateAsync()).Should().Equal(before);
    }

    [Fact, Rule("6.6")]
    public async Task Begin_by_id_of_an_active_conversation_takes_the_key_and_begins_there_as_new()
    {
        var (first, named) = await AbandonInAnEndedOneAsync();

        var again = await BeginAsync(KeyedIn(named.Lease.ConversationId) with { Input = [User("new")] });

        again.Lease.ConversationId.Should().Be(named.Lease.ConversationId);
        again.IsOnSavedInput.Should().BeFalse();
        again.InputPosition.Should().Be(3);
        (await TextsAsync(named.Lease.ConversationId)).Should().Equal("hello", "answer", "new");
        (await RunOfAsync(first.Lease)).IdempotencyKey.Should().BeNull();
        (await RunOfAsync(again.Lease)).IdempotencyKey.Should().Be("key");
    }

    [Fact, Rule("6.6", "5.7")]
    public async Task Begin_as_new_at_another_position_leaves_the_key_where_it_is()
    {
        var (first, named) = await AbandonInAnEndedOneAsync();
        var before = await StateAsync();

        var byScope = await Store.BeginTurnAsync(Keyed() with { ExpectedLastPosition = 1 });
        var byId = await Store.BeginTurnAsync(KeyedIn(named.Lease.ConversationId) with { ExpectedLastPosition = 1 });
        var startNew = await Store.BeginTurnAsync(Keyed() with { ExpectedLastPosition = 1, StartNew = true });

        new[] { byScope, byId, startNew }.Should().AllBeOfType<TurnConversationMoved>();
        (await StateAsync()).Should().Equal(before);
        (await RunOfAsync(first.Lease)).IdempotencyKey.Should().Be("key");
    }

    [Fact, Rule("6.6", "3.1", "4.5")]
    public async Task Begin_as_new_that_does_not_begin_leaves_the_old_run_alone()
    {
        var first = await BeginAsync(Keyed());
        await SetStatusAsync(first.Lease.ConversationId, ConversationStatus.Ended);
        Time.Advance(LeaseDuration);
        var holder = await BeginAsync();

        var locked = await Store.BeginTurnAsync(Keyed());
        var ended = await Store.BeginTurnAsync(KeyedIn(first.Lease.ConversationId));
        var moved = await Store.BeginTurnAsync(Keyed() with { StartNew = true, ExpectedLastPosition = 1 });

        locked.Should().Be(new TurnLocked(holder.Lease.ConversationId, holder.Lease.Fence, LeaseDuration));
        ended.Should().Be(new TurnConversationEnded(first.Lease.ConversationId));
        moved.Should().Be(new TurnConversationMoved());
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
