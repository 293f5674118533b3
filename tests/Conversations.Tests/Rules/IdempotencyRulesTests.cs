namespace Conversations.Tests.Rules;

/// <summary>Requests whose idempotency key is known.</summary>
public class IdempotencyRulesTests : RulesTest
{
    [Fact, TurnRule("3.1")]
    public async Task Begin_ignores_key_of_another_scope_or_caller()
    {
        var first = await ExchangeAsync(Keyed());

        var otherScope = await ExchangeAsync(Keyed(scope: ScopeOf("user_2")) with { Caller = "user_1" });
        var otherCaller = await ExchangeAsync(Keyed() with { Caller = "user_2" });
        var anonymous = await ExchangeAsync(Keyed() with { Caller = "" });

        (await RunOfAsync(first.Lease)).IdempotencyKey.Should().Be("key");
        (await RunOfAsync(otherScope.Lease)).IdempotencyKey.Should().Be("key");
        (await RunOfAsync(otherCaller.Lease)).IdempotencyKey.Should().Be("key");
        (await RunOfAsync(anonymous.Lease)).IdempotencyKey.Should().Be("key");
    }

    [Fact, TurnRule("3.1")]
    public async Task Begin_without_key_is_never_known()
    {
        var first = await ExchangeAsync();

        var second = await ExchangeAsync();

        second.Lease.RunNumber.Should().BeGreaterThan(first.Lease.RunNumber);
    }

    [Fact, TurnRule("3.1", "3.3")]
    public async Task Begin_by_id_knows_keys_of_turns_by_scope()
    {
        var first = await ExchangeAsync(Keyed());

        var outcome = await Store.BeginTurnAsync(KeyedIn(first.Lease.ConversationId));

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(first.Lease)));
    }

    [Fact, TurnRule("3.1", "3.3")]
    public async Task Begin_by_scope_knows_keys_of_turns_by_id()
    {
        var current = await ExchangeAsync();
        var byId = await ExchangeAsync(KeyedIn(current.Lease.ConversationId));

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(byId.Lease)));
    }

    [Fact, TurnRule("3.1", "3.3")]
    public async Task Begin_by_id_knows_keys_of_other_conversations_of_scope()
    {
        var first = await ExchangeAsync(Keyed());
        var other = await ExchangeAsync(Turn() with { StartNew = true });

        var outcome = await Store.BeginTurnAsync(KeyedIn(other.Lease.ConversationId));

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(first.Lease)));
    }

    [Fact, TurnRule("3.1", "2.6")]
    public async Task Begin_by_id_hides_key_from_another_agent()
    {
        var first = await ExchangeAsync(Keyed());

        var outcome = await Store.BeginTurnAsync(KeyedIn(first.Lease.ConversationId) with { Agent = "other" });

        outcome.Should().Be(new TurnNotFound());
    }

    [Fact, TurnRule("3.2")]
    public async Task Begin_is_mismatch_when_fingerprint_differs()
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

    [Fact, TurnRule("3.3")]
    public async Task Begin_returns_completed_run_and_writes_nothing()
    {
        var first = await BeginAsync(Keyed());
        await Store.CommitTurnAsync(Completion(first.Lease, "answer") with { FinishReason = LongFinishReason });
        var run = await RunOfAsync(first.Lease);
        var before = await StateAsync();

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnCompletedBefore(run));
        run.FinishReason.Should().Be(LongFinishReason);
        (await StateAsync()).Should().Equal(before);
        await BeginAsync();
    }

    [Fact, TurnRule("3.3")]
    public async Task Begin_returns_completed_run_when_conversation_is_locked_or_ended()
    {
        var first = await ExchangeAsync(Keyed());
        var run = await RunOfAsync(first.Lease);
        var id = first.Lease.ConversationId;

        await BeginAsync();
        var locked = await Store.BeginTurnAsync(Keyed());
        await SetStatusAsync(id, ConversationStatus.Ended);
        var endedByScope = await Store.BeginTurnAsync(Keyed());
        var endedById = await Store.BeginTurnAsync(KeyedIn(id));

        new[] { locked, endedByScope, endedById }.Should().AllBeEquivalentTo(new TurnCompletedBefore(run));
    }

    [Fact, TurnRule("3.3")]
    public async Task Begin_returns_run_that_requires_action_when_conversation_is_locked_or_ended()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.RequiresAction);
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
        var endedById = await Store.BeginTurnAsync(KeyedIn(id));

        run.Status.Should().Be(RunStatus.RequiresAction);
        new[] { atOnce, locked, startNew, endedByScope, endedById }.Should().AllBeEquivalentTo(new TurnCompletedBefore(run));
    }

    [Fact, TurnRule("3.4")]
    public async Task Begin_returns_running_run_and_writes_nothing()
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

    [Fact, TurnRule("3.4", "1.8")]
    public async Task Begin_returns_running_run_when_conversation_ended()
    {
        var first = await BeginAsync(Keyed());
        await SetStatusAsync(first.Lease.ConversationId, ConversationStatus.Ended);

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnRunning(await RunOfAsync(first.Lease), LeaseDuration));
    }

    [Theory, TurnRule("3.8")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Begin_ignores_key_when_conversation_was_deleted(bool lastOfItsScope)
    {
        if (!lastOfItsScope)
            await ExchangeAsync();
        var first = await ExchangeAsync(Keyed() with { StartNew = true });
        await Store.DeleteConversationAsync(first.Lease.ConversationId, Host);

        var again = await BeginAsync(Keyed() with { Fingerprint = "other" });

        again.StartReason.Should().Be(ConversationStartReason.First);
        (await RunOfAsync(again.Lease)).IdempotencyKey.Should().Be("key");
    }

    [Fact, TurnRule("3.8")]
    public async Task Delete_leaves_key_that_run_of_another_conversation_took()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Failed);
        await SetStatusAsync(first.Lease.ConversationId, ConversationStatus.Ended);
        var again = await ExchangeAsync(Keyed());
        await Store.DeleteConversationAsync(first.Lease.ConversationId, Host);

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(again.Lease)));
    }
}
