using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Leases and their fences.</summary>
public abstract class LeaseSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("4.1")]
    public async Task Begin_takes_a_higher_fence_each_time()
    {
        var fences = new List<long>();
        for (var i = 0; i < 5; i++)
            fences.Add((await ExchangeAsync()).Lease.Fence);

        fences.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
    }

    [Fact, Rule("4.1")]
    public async Task Begin_of_a_new_conversation_takes_a_higher_fence_than_any_of_the_scope_before()
    {
        await ExchangeAsync();
        var last = await ExchangeAsync();

        var begun = await BeginAsync(Turn() with { StartNew = true });

        begun.Lease.Fence.Should().BeGreaterThan(last.Lease.Fence);
    }

    [Fact, Rule("2.3", "4.1")]
    public async Task Begin_after_a_deletion_takes_a_higher_fence()
    {
        var first = await ExchangeAsync();
        var second = await ExchangeAsync(Turn() with { StartNew = true });
        await Store.DeleteConversationAsync(second.Lease.ConversationId, Host);
        await Store.DeleteConversationAsync(first.Lease.ConversationId, Host);

        var third = await BeginAsync();

        third.Lease.Fence.Should().BeGreaterThan(second.Lease.Fence).And.BeGreaterThan(first.Lease.Fence);
    }

    [Fact, Rule("4.2")]
    public async Task Begin_while_a_lease_is_held_is_locked_and_writes_nothing()
    {
        var holder = await BeginAsync();
        Time.Advance(TimeSpan.FromSeconds(20));
        var before = await StateAsync();

        var byScope = await Store.BeginTurnAsync(Turn() with { Title = "title" });
        var byId = await Store.BeginTurnAsync(TurnIn(holder.Lease.ConversationId) with { Title = "title" });

        byScope.Should().Be(new TurnLocked(holder.Lease.ConversationId, holder.Lease.Fence, TimeSpan.FromSeconds(40)));
        byId.Should().Be(byScope);
        (await StateAsync()).Should().Equal(before);
    }

    [Fact, Rule("4.2")]
    public async Task Begin_of_another_conversation_is_not_locked()
    {
        await BeginAsync();

        await BeginAsync(Turn(ScopeOf("user_2")));
        await BeginAsync(Turn() with { StartNew = true });
    }

    [Fact, Rule("4.2")]
    public async Task Begin_a_tick_before_expiry_is_locked()
    {
        var holder = await BeginAsync();
        Time.Advance(LeaseDuration - TimeSpan.FromTicks(1));

        var outcome = await Store.BeginTurnAsync(Turn());

        outcome.Should().Be(new TurnLocked(holder.Lease.ConversationId, holder.Lease.Fence, TimeSpan.FromTicks(1)));
    }

    [Fact, Rule("4.3")]
    public async Task Begin_at_expiry_takes_over()
    {
        var holder = await BeginAsync();
        Time.Advance(LeaseDuration);

        var begun = await BeginAsync();

        begun.Lease.ConversationId.Should().Be(holder.Lease.ConversationId);
        begun.Lease.Fence.Should().BeGreaterThan(holder.Lease.Fence);
        begun.InputPosition.Should().Be(2);
        var interrupted = await RunOfAsync(holder.Lease);
        interrupted.Status.Should().Be(RunStatus.Interrupted);
        interrupted.EndedAt.Should().Be(Time.GetUtcNow());
        (await MessagesAsync(holder.Lease.ConversationId)).Select(message => message.RunNumber).Should().Equal(holder.Lease.Fence, begun.Lease.Fence);
    }

    [Fact, Rule("4.3")]
    public async Task Begin_long_after_expiry_ends_the_old_run_at_the_takeover()
    {
        var holder = await BeginAsync();
        Time.Advance(LeaseDuration + TimeSpan.FromSeconds(15));

        await BeginAsync();

        (await RunOfAsync(holder.Lease)).EndedAt.Should().Be(Time.GetUtcNow(), "it ended when it was taken over, not when its lease expired");
    }

    [Fact, Rule("4.4")]
    public async Task Commit_after_a_takeover_changes_nothing()
    {
        var holder = await BeginAsync();
        Time.Advance(LeaseDuration);
        await BeginAsync();
        var before = await StateAsync();

        var committed = await CommitAsync(holder.Lease, "too late");
        var renewed = await Store.RenewLeaseAsync(holder.Lease);

        committed.Should().BeFalse();
        renewed.Should().BeFalse();
        (await StateAsync()).Should().Equal(before);
    }

    [Fact, Rule("4.4", "4.6")]
    public async Task Commit_again_changes_nothing()
    {
        var begun = await ExchangeAsync();
        var before = await StateAsync();

        var committed = await CommitAsync(begun.Lease, "again");
        var renewed = await Store.RenewLeaseAsync(begun.Lease);

        committed.Should().BeFalse();
        renewed.Should().BeFalse();
        (await StateAsync()).Should().Equal(before);
        await BeginAsync();
    }

    [Fact, Rule("4.4")]
    public async Task Commit_with_a_lease_that_never_was_changes_nothing()
    {
        var begun = await BeginAsync();
        var other = await BeginAsync(Turn(ScopeOf("user_2")));
        var before = await StateAsync();

        (await CommitAsync(begun.Lease with { Fence = begun.Lease.Fence + 100 }, "x")).Should().BeFalse();
        (await CommitAsync(begun.Lease with { Fence = other.Lease.Fence }, "x")).Should().BeFalse();
        (await CommitAsync(begun.Lease with { ConversationId = "conv_unknown" }, "x")).Should().BeFalse();

        (await StateAsync()).Should().Equal(before);
    }

    [Fact, Rule("4.4")]
    public async Task Commit_of_a_released_lease_leaves_the_next_turn_alone()
    {
        var first = await ExchangeAsync();
        var second = await BeginAsync();

        (await CommitAsync(first.Lease, "again")).Should().BeFalse();
        (await CommitAsync(second.Lease, "answer")).Should().BeTrue();
    }

    [Fact, Rule("4.5")]
    public async Task Commit_of_an_expired_lease_that_nobody_took_over_succeeds()
    {
        var begun = await BeginAsync();
        Time.Advance(LeaseDuration * 100);

        (await CommitAsync(begun.Lease, "late")).Should().BeTrue();

        (await TextsAsync(begun.Lease.ConversationId)).Should().Equal("hello", "late");
        (await RunOfAsync(begun.Lease)).Status.Should().Be(RunStatus.Completed);
    }

    [Fact, Rule("4.5")]
    public async Task Begin_of_a_new_conversation_takes_over_no_expired_lease_of_the_old_one()
    {
        var old = await BeginAsync();
        Time.Advance(LeaseDuration * 2);

        await BeginAsync(Turn() with { StartNew = true });

        (await RunOfAsync(old.Lease)).Status.Should().Be(RunStatus.Running);
        (await CommitAsync(old.Lease, "late")).Should().BeTrue();
    }

    [Fact, Rule("4.5")]
    public async Task Renew_of_an_expired_lease_that_nobody_took_over_locks_again()
    {
        var begun = await BeginAsync();
        Time.Advance(LeaseDuration * 2);

        (await Store.RenewLeaseAsync(begun.Lease)).Should().BeTrue();

        (await Store.BeginTurnAsync(Turn())).Should().Be(new TurnLocked(begun.Lease.ConversationId, begun.Lease.Fence, LeaseDuration));
    }

    [Fact, Rule("4.2", "4.5")]
    public async Task Renew_lets_a_lease_run_for_its_whole_duration_from_now()
    {
        var begun = await BeginAsync();
        Time.Advance(TimeSpan.FromSeconds(50));

        var renewed = await Store.RenewLeaseAsync(begun.Lease);

        renewed.Should().BeTrue();
        Time.Advance(LeaseDuration - TimeSpan.FromTicks(1));
        (await Store.BeginTurnAsync(Turn())).Should().BeOfType<TurnLocked>();
        Time.Advance(TimeSpan.FromTicks(1));
        await BeginAsync();
    }

    [Fact, Rule("4.6")]
    public async Task Commit_lets_the_next_turn_begin_at_once()
    {
        await ExchangeAsync();

        var next = await BeginAsync();

        next.StartReason.Should().BeNull();
    }

    [Theory, Rule("4.7")]
    [InlineData(ConversationStatus.Ended)]
    [InlineData(ConversationStatus.Archived)]
    public async Task Commit_after_the_end_of_the_conversation_succeeds(ConversationStatus status)
    {
        var begun = await BeginAsync();
        var ended = await SetStatusAsync(begun.Lease.ConversationId, status);

        (await Store.RenewLeaseAsync(begun.Lease)).Should().BeTrue();
        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();

        var conversation = await GetAsync(begun.Lease.ConversationId);
        conversation.Status.Should().Be(status);
        conversation.EndedAt.Should().Be(ended.EndedAt);
        conversation.MessageCount.Should().Be(2);
    }

    [Fact, Rule("4.7")]
    public async Task Rename_leaves_an_open_turn_alone()
    {
        var begun = await BeginAsync();

        await Store.UpdateConversationAsync(begun.Lease.ConversationId, Host, new ConversationChange { Title = "renamed" });

        (await Store.BeginTurnAsync(Turn())).Should().BeOfType<TurnLocked>();
        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();
        (await GetAsync(begun.Lease.ConversationId)).Title.Should().Be("renamed");
    }

    [Fact, Rule("14.2")]
    public async Task Begin_after_the_clock_was_set_back_by_more_than_a_lease_takes_over()
    {
        var holder = await BeginAsync();
        Time.SetUtcNow(Time.GetUtcNow() - LeaseDuration - TimeSpan.FromTicks(2));

        var begun = await BeginAsync();

        begun.Lease.ConversationId.Should().Be(holder.Lease.ConversationId);
        (await RunOfAsync(holder.Lease)).Status.Should().Be(RunStatus.Interrupted);
        (await CommitAsync(holder.Lease, "x")).Should().BeFalse();
    }

    [Fact, Rule("14.2", "4.2")]
    public async Task Begin_after_the_clock_was_set_back_by_no_more_than_a_lease_is_locked()
    {
        var holder = await BeginAsync();
        foreach (var back in new[] { TimeSpan.FromTicks(1), LeaseDuration })
        {
            var now = Time.GetUtcNow();
            Time.SetUtcNow(now - back);

            var outcome = await Store.BeginTurnAsync(Turn());

            outcome.Should().Be(new TurnLocked(holder.Lease.ConversationId, holder.Lease.Fence, LeaseDuration + back));
            Time.SetUtcNow(now);
        }
    }

    [Fact, Rule("14.2")]
    public async Task Begin_after_the_clock_was_set_back_goes_by_the_duration_of_the_last_renewal()
    {
        var holder = await BeginAsync();
        (await Store.RenewLeaseAsync(holder.Lease with { Duration = LeaseDuration / 10 })).Should().BeTrue();
        var renewed = Time.GetUtcNow();

        Time.SetUtcNow(renewed - (LeaseDuration / 10));
        var locked = await Store.BeginTurnAsync(Turn());
        Time.SetUtcNow(renewed - (LeaseDuration / 2));
        var begun = await Store.BeginTurnAsync(Turn());

        locked.Should().Be(new TurnLocked(holder.Lease.ConversationId, holder.Lease.Fence, LeaseDuration / 5));
        begun.Should().BeOfType<TurnBegun>();
        (await RunOfAsync(holder.Lease)).Status.Should().Be(RunStatus.Interrupted);
    }

    [Fact, Rule("14.2", "4.5")]
    public async Task Renew_after_the_clock_was_set_back_locks_again()
    {
        var holder = await BeginAsync();
        Time.SetUtcNow(Time.GetUtcNow().AddDays(-1));

        (await Store.RenewLeaseAsync(holder.Lease)).Should().BeTrue();

        (await Store.BeginTurnAsync(Turn())).Should().Be(new TurnLocked(holder.Lease.ConversationId, holder.Lease.Fence, LeaseDuration));
    }
}
