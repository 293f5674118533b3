using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>What becomes of a request whose idempotency key is known.</summary>
public abstract class IdempotencySpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("6.1")]
    public async Task Begin_with_the_key_of_another_scope_or_caller_begins()
    {
        var first = await ExchangeAsync(Keyed());

        var otherScope = await ExchangeAsync(Keyed(scope: ScopeOf("user_2")) with { Caller = "user_1" });
        var otherCaller = await ExchangeAsync(Keyed() with { Caller = "user_2" });
        var nobody = await ExchangeAsync(Keyed() with { Caller = "" });

        (await RunOfAsync(first.Lease)).IdempotencyKey.Should().Be("key");
        (await RunOfAsync(otherScope.Lease)).IdempotencyKey.Should().Be("key");
        (await RunOfAsync(otherCaller.Lease)).IdempotencyKey.Should().Be("key");
        (await RunOfAsync(nobody.Lease)).IdempotencyKey.Should().Be("key");
    }

    [Fact, Rule("6.1")]
    public async Task Begin_without_a_key_is_never_known()
    {
        var first = await ExchangeAsync();

        var second = await ExchangeAsync();

        second.Lease.Fence.Should().BeGreaterThan(first.Lease.Fence);
    }

    [Fact, Rule("6.1", "6.3")]
    public async Task Begin_by_id_knows_the_keys_of_the_conversations_scope()
    {
        var first = await ExchangeAsync(Keyed());

        var outcome = await Store.BeginTurnAsync(Keyed() with { Scope = null, ConversationId = first.Lease.ConversationId });

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(first.Lease)));
    }

    [Fact, Rule("6.2")]
    public async Task Begin_with_another_fingerprint_is_a_mismatch()
    {
        await ExchangeAsync(Keyed("completed"));
        await AbandonAsync(Keyed("failed"), RunStatus.Failed);
        await BeginAsync(Keyed("running"));
        var before = await StateAsync();

        foreach (var key in new[] { "completed", "failed", "running" })
        {
            var outcome = await Store.BeginTurnAsync(Keyed(key) with { Fingerprint = "other" });
            outcome.Should().Be(new TurnMismatch(), key);
        }

        (await StateAsync()).Should().Equal(before);
    }

    [Fact, Rule("6.3", "3.1")]
    public async Task Begin_of_a_completed_request_gives_its_run_and_writes_nothing()
    {
        var first = await ExchangeAsync(Keyed());
        var run = await RunOfAsync(first.Lease);
        var before = await StateAsync();

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnCompletedBefore(run));
        (await StateAsync()).Should().Equal(before);
        await BeginAsync();
    }

    [Fact, Rule("6.3", "5.7")]
    public async Task Begin_of_a_completed_request_gives_its_run_whatever_came_after()
    {
        var first = await ExchangeAsync(Keyed());
        var run = await RunOfAsync(first.Lease);
        var id = first.Lease.ConversationId;

        await BeginAsync();
        var locked = await Store.BeginTurnAsync(Keyed());
        var moved = await Store.BeginTurnAsync(Keyed() with { ExpectedLastPosition = 0 });
        await SetStatusAsync(id, ConversationStatus.Ended);
        var endedByScope = await Store.BeginTurnAsync(Keyed());
        var endedById = await Store.BeginTurnAsync(Keyed() with { Scope = null, ConversationId = id });

        new[] { locked, moved, endedByScope, endedById }.Should().AllBeEquivalentTo(new TurnCompletedBefore(run));
    }

    [Fact, Rule("6.3", "3.1")]
    public async Task Begin_of_a_request_that_waits_for_results_gives_its_run_whatever_came_after()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Waiting);
        var run = await RunOfAsync(first.Lease);
        var id = first.Lease.ConversationId;

        var atOnce = await Store.BeginTurnAsync(Keyed());
        await BeginAsync();
        var before = await StateAsync();
        var locked = await Store.BeginTurnAsync(Keyed());
        var startNew = await Store.BeginTurnAsync(Keyed() with { StartNew = true });
        (await StateAsync()).Should().Equal(before);
        await SetStatusAsync(id, ConversationStatus.Ended);
        var endedByScope = await Store.BeginTurnAsync(Keyed());
        var endedById = await Store.BeginTurnAsync(Keyed() with { Scope = null, ConversationId = id });

        run.Status.Should().Be(RunStatus.Waiting);
        new[] { atOnce, locked, startNew, endedByScope, endedById }.Should().AllBeEquivalentTo(new TurnCompletedBefore(run));
    }

    [Fact, Rule("6.4")]
    public async Task Begin_of_a_running_request_gives_its_run_and_writes_nothing()
    {
        var first = await BeginAsync(Keyed());
        Time.Advance(TimeSpan.FromSeconds(20));
        var run = await RunOfAsync(first.Lease);
        var before = await StateAsync();

        var outcome = await Store.BeginTurnAsync(Keyed());
        var startNew = await Store.BeginTurnAsync(Keyed() with { StartNew = true });

        outcome.Should().Be(new TurnRunning(run, TimeSpan.FromSeconds(40)));
        startNew.Should().Be(outcome);
        (await StateAsync()).Should().Equal(before);
    }

    [Fact, Rule("6.4", "4.7")]
    public async Task Begin_of_a_running_request_of_an_ended_conversation_gives_its_run()
    {
        var first = await BeginAsync(Keyed());
        await SetStatusAsync(first.Lease.ConversationId, ConversationStatus.Ended);

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnRunning(await RunOfAsync(first.Lease), LeaseDuration));
    }

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

    [Fact, Rule("6.6")]
    public async Task Begin_by_id_of_a_failed_request_of_an_ended_conversation_is_ended()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Failed);
        await SetStatusAsync(first.Lease.ConversationId, ConversationStatus.Ended);
        var before = await StateAsync();

        var outcome = await Store.BeginTurnAsync(Keyed() with { Scope = null, ConversationId = first.Lease.ConversationId });

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
        (await RunOfAsync(first.Lease)).Status.Should().Be(RunStatus.Interrupted);
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

    [Theory, Rule("6.8")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Begin_after_the_conversation_was_deleted_begins_as_new(bool lastOfItsScope)
    {
        if (!lastOfItsScope)
            await ExchangeAsync();
        var first = await ExchangeAsync(Keyed() with { StartNew = true });
        await Store.DeleteConversationAsync(first.Lease.ConversationId, Host);

        var again = await BeginAsync(Keyed() with { Fingerprint = "other" });

        again.StartReason.Should().Be(ConversationStartReason.First);
        (await RunOfAsync(again.Lease)).IdempotencyKey.Should().Be("key");
    }

    [Fact, Rule("6.8")]
    public async Task Delete_frees_no_key_that_went_to_a_run_of_another_conversation()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Failed);
        await SetStatusAsync(first.Lease.ConversationId, ConversationStatus.Ended);
        var again = await ExchangeAsync(Keyed());
        await Store.DeleteConversationAsync(first.Lease.ConversationId, Host);

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(again.Lease)));
    }
}
