namespace Conversations.Tests.Rules;

/// <summary>Leases: how they are taken, renewed, lost and taken over.</summary>
public class LeaseRulesTests : RulesTest
{
    [Fact, TurnRule("1.1")]
    public async Task Begin_takes_next_number_each_time()
    {
        var numbers = new List<long>();
        for (var i = 0; i < 3; i++)
            numbers.Add((await ExchangeAsync()).Lease.RunNumber);

        numbers.Should().Equal(1, 2, 3);
    }

    [Fact, TurnRule("1.2")]
    public async Task Begin_is_locked_and_writes_nothing_while_lease_is_held()
    {
        var holder = await BeginAsync();
        Time.Advance(TimeSpan.FromSeconds(20));
        var before = await StateAsync();

        var byScope = await Store.BeginTurnAsync(Turn() with { TitleFrom = [User("title")] });
        var byId = await Store.BeginTurnAsync(TurnIn(holder.Lease.ConversationId) with { TitleFrom = [User("title")] });

        byScope.Should().Be(new TurnLocked(holder.Lease.ConversationId, holder.Lease.RunNumber, TimeSpan.FromSeconds(40)));
        byId.Should().Be(byScope);
        (await StateAsync()).Should().Equal(before);
    }

    [Fact, TurnRule("1.2")]
    public async Task Begin_succeeds_when_another_conversation_is_locked()
    {
        await BeginAsync();

        await BeginAsync(Turn(ScopeOf("user_2")));
        await BeginAsync(Turn() with { StartNew = true });
    }

    [Fact, TurnRule("1.2")]
    public async Task Begin_is_locked_one_tick_before_expiry()
    {
        var holder = await BeginAsync();
        Time.Advance(LeaseDuration - TimeSpan.FromTicks(1));

        var outcome = await Store.BeginTurnAsync(Turn());

        outcome.Should().Be(new TurnLocked(holder.Lease.ConversationId, holder.Lease.RunNumber, TimeSpan.FromTicks(1)));
    }

    [Fact, TurnRule("1.3")]
    public async Task Begin_takes_over_at_expiry()
    {
        var holder = await BeginAsync();
        Time.Advance(LeaseDuration);

        var begun = await BeginAsync();

        begun.Lease.ConversationId.Should().Be(holder.Lease.ConversationId);
        begun.Lease.RunNumber.Should().BeGreaterThan(holder.Lease.RunNumber);
        begun.InputPosition.Should().Be(2);
        var interrupted = await RunOfAsync(holder.Lease);
        interrupted.Status.Should().Be(RunStatus.Interrupted);
        interrupted.EndedAt.Should().Be(Time.GetUtcNow());
        (await MessagesAsync(holder.Lease.ConversationId)).Select(message => message.RunNumber).Should().Equal(holder.Lease.RunNumber, begun.Lease.RunNumber);
    }

    [Fact, TurnRule("1.3")]
    public async Task Begin_ends_old_run_at_takeover_and_not_at_expiry()
    {
        var holder = await BeginAsync();
        Time.Advance(LeaseDuration + TimeSpan.FromSeconds(15));

        await BeginAsync();

        (await RunOfAsync(holder.Lease)).EndedAt.Should().Be(Time.GetUtcNow());
    }

    [Fact, TurnRule("1.4")]
    public async Task Commit_and_renewal_write_nothing_after_takeover()
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

    [Fact, TurnRule("1.4", "4.1")]
    public async Task Commit_and_renewal_write_nothing_after_commit()
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

    [Fact, TurnRule("1.4")]
    public async Task Commit_writes_nothing_when_lease_is_unknown()
    {
        var begun = await BeginAsync();
        var other = await BeginAsync(Turn(ScopeOf("user_2")));
        var before = await StateAsync();

        (await CommitAsync(begun.Lease with { RunNumber = begun.Lease.RunNumber + 100 }, "x")).Should().BeFalse();
        (await CommitAsync(begun.Lease with { Token = other.Lease.Token }, "x")).Should().BeFalse();
        (await CommitAsync(begun.Lease with { ConversationId = "conv_unknown" }, "x")).Should().BeFalse();

        (await StateAsync()).Should().Equal(before);
    }

    [Fact, TurnRule("1.4")]
    public async Task Commit_of_released_lease_leaves_next_turn_open()
    {
        var first = await ExchangeAsync();
        var second = await BeginAsync();

        (await CommitAsync(first.Lease, "again")).Should().BeFalse();
        (await CommitAsync(second.Lease, "answer")).Should().BeTrue();
    }

    [Fact, TurnRule("1.5")]
    public async Task Commit_succeeds_when_lease_expired_and_was_not_taken_over()
    {
        var begun = await BeginAsync();
        Time.Advance(LeaseDuration * 100);

        (await CommitAsync(begun.Lease, "late")).Should().BeTrue();

        (await TextsAsync(begun.Lease.ConversationId)).Should().Equal("hello", "late");
        (await RunOfAsync(begun.Lease)).Status.Should().Be(RunStatus.Completed);
    }

    [Fact, TurnRule("1.5")]
    public async Task Begin_with_start_new_leaves_expired_lease_of_old_conversation()
    {
        var old = await BeginAsync();
        Time.Advance(LeaseDuration * 2);

        await BeginAsync(Turn() with { StartNew = true });

        (await RunOfAsync(old.Lease)).Status.Should().Be(RunStatus.Running);
        (await CommitAsync(old.Lease, "late")).Should().BeTrue();
    }

    [Fact, TurnRule("1.5")]
    public async Task Renew_locks_again_when_lease_expired_and_was_not_taken_over()
    {
        var begun = await BeginAsync();
        Time.Advance(LeaseDuration * 2);

        (await Store.RenewLeaseAsync(begun.Lease)).Should().BeTrue();

        (await Store.BeginTurnAsync(Turn())).Should().Be(new TurnLocked(begun.Lease.ConversationId, begun.Lease.RunNumber, LeaseDuration));
    }

    [Fact, TurnRule("1.2", "1.5")]
    public async Task Renew_extends_lease_by_its_whole_duration()
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

    [Fact, TurnRule("1.5", "1.2")]
    public async Task Renew_with_another_duration_extends_lease_by_that()
    {
        var begun = await BeginAsync();
        var longer = begun.Lease with { Duration = LeaseDuration * 10 };

        (await Store.RenewLeaseAsync(longer)).Should().BeTrue();

        Time.Advance(LeaseDuration * 9);
        (await Store.BeginTurnAsync(Turn())).Should().Be(new TurnLocked(longer.ConversationId, longer.RunNumber, LeaseDuration));
    }

    [Fact, TurnRule("4.1")]
    public async Task Commit_releases_lease()
    {
        await ExchangeAsync();

        var next = await BeginAsync();

        next.StartReason.Should().BeNull();
    }

    [Theory, TurnRule("1.8")]
    [InlineData(ConversationStatus.Ended)]
    [InlineData(ConversationStatus.Archived)]
    public async Task Commit_and_renewal_succeed_when_conversation_is_not_active(ConversationStatus status)
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

    [Fact, TurnRule("1.8")]
    public async Task Change_of_title_leaves_open_turn()
    {
        var begun = await BeginAsync();

        await Store.UpdateConversationAsync(begun.Lease.ConversationId, Host, new ConversationChange { Title = "renamed" });

        (await Store.BeginTurnAsync(Turn())).Should().BeOfType<TurnLocked>();
        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();
        (await GetAsync(begun.Lease.ConversationId)).Title.Should().Be("renamed");
    }

    [Fact, TurnRule("1.6")]
    public async Task Begin_takes_over_when_clock_was_set_back_by_more_than_lease()
    {
        var holder = await BeginAsync();
        Time.SetUtcNow(Time.GetUtcNow() - LeaseDuration - TimeSpan.FromTicks(2));

        var begun = await BeginAsync();

        begun.Lease.ConversationId.Should().Be(holder.Lease.ConversationId);
        (await RunOfAsync(holder.Lease)).Status.Should().Be(RunStatus.Interrupted);
        (await CommitAsync(holder.Lease, "x")).Should().BeFalse();
    }

    [Fact, TurnRule("1.6", "1.2")]
    public async Task Begin_is_locked_when_clock_was_set_back_by_no_more_than_lease()
    {
        var holder = await BeginAsync();
        foreach (var back in new[] { TimeSpan.FromTicks(1), LeaseDuration })
        {
            var now = Time.GetUtcNow();
            Time.SetUtcNow(now - back);

            var outcome = await Store.BeginTurnAsync(Turn());

            outcome.Should().Be(new TurnLocked(holder.Lease.ConversationId, holder.Lease.RunNumber, LeaseDuration + back));
            Time.SetUtcNow(now);
        }
    }

    [Fact, TurnRule("1.6")]
    public async Task Begin_uses_duration_of_last_renewal_when_clock_was_set_back()
    {
        var holder = await BeginAsync();
        (await Store.RenewLeaseAsync(holder.Lease with { Duration = LeaseDuration / 10 })).Should().BeTrue();
        var renewed = Time.GetUtcNow();

        Time.SetUtcNow(renewed - (LeaseDuration / 10));
        var locked = await Store.BeginTurnAsync(Turn());
        Time.SetUtcNow(renewed - (LeaseDuration / 2));
        var begun = await Store.BeginTurnAsync(Turn());

        locked.Should().Be(new TurnLocked(holder.Lease.ConversationId, holder.Lease.RunNumber, LeaseDuration / 5));
        begun.Should().BeOfType<TurnBegun>();
        (await RunOfAsync(holder.Lease)).Status.Should().Be(RunStatus.Interrupted);
    }

    [Fact, TurnRule("1.6", "1.5")]
    public async Task Renew_locks_again_when_clock_was_set_back()
    {
        var holder = await BeginAsync();
        Time.SetUtcNow(Time.GetUtcNow().AddDays(-1));

        (await Store.RenewLeaseAsync(holder.Lease)).Should().BeTrue();

        (await Store.BeginTurnAsync(Turn())).Should().Be(new TurnLocked(holder.Lease.ConversationId, holder.Lease.RunNumber, LeaseDuration));
    }
}
