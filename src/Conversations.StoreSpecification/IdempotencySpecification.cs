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

        var outcome = await Store.BeginTurnAsync(KeyedIn(first.Lease.ConversationId));

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(first.Lease)));
    }

    [Fact, Rule("6.1", "6.3")]
    public async Task Begin_by_scope_knows_the_keys_of_turns_by_id()
    {
        var current = await ExchangeAsync();
        var byId = await ExchangeAsync(KeyedIn(current.Lease.ConversationId));

        var outcome = await Store.BeginTurnAsync(Keyed());

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(byId.Lease)));
    }

    [Fact, Rule("6.1", "6.3")]
    public async Task Begin_by_id_knows_the_keys_of_other_conversations_of_the_scope()
    {
        var first = await ExchangeAsync(Keyed());
        var other = await ExchangeAsync(Turn() with { StartNew = true });

        var outcome = await Store.BeginTurnAsync(KeyedIn(other.Lease.ConversationId));

        outcome.Should().Be(new TurnCompletedBefore(await RunOfAsync(first.Lease)));
    }

    [Fact, Rule("6.1", "5.5")]
    public async Task Begin_by_id_for_another_agent_learns_of_no_key()
    {
        var first = await ExchangeAsync(Keyed());

        var outcome = await Store.BeginTurnAsync(KeyedIn(first.Lease.ConversationId) with { Agent = "other" });

        outcome.Should().Be(new TurnNotFound());
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
        var endedById = await Store.BeginTurnAsync(KeyedIn(id));

        new[] { locked, moved, endedByScope, endedById }.Should().AllBeEquivalentTo(new TurnCompletedBefore(run));
    }

    [Fact, Rule("6.3", "3.1")]
    public async Task Begin_of_a_request_that_waits_for_results_gives_its_run_whatever_came_after()
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
