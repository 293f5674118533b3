using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Turns that answer again what stands in a conversation already.</summary>
public abstract class InputAgainSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("19.1", "8.5")]
    public async Task Begin_takes_the_lease_and_opens_a_run_and_appends_nothing()
    {
        var id = (await CreateAsync(null, User("1"), User("2"), Assistant("3"))).Id;
        var before = await GetAsync(id);
        Time.Advance(TimeSpan.FromSeconds(1));
        var beganAt = Time.GetUtcNow();

        var begun = await BeginAsync(Again(id, 1, count: 2));

        begun.Should().Be(new TurnBegun { Lease = new TurnLease(id, begun.Lease.Fence, LeaseDuration), InputPosition = 1, LastPosition = 3, IsOnSavedInput = true });
        (await GetAsync(id)).Should().Be(before);
        (await TextsAsync(id)).Should().Equal("1", "2", "3");
        (await RunOfAsync(begun.Lease)).Should().Be(new ConversationRun
        {
            ConversationId = id,
            Number = begun.Lease.Fence,
            Status = RunStatus.Running,
            Caller = "user_1",
            InputPosition = 1,
            InputCount = 2,
            StartedAt = beganAt,
        });
        (await Store.BeginTurnAsync(Turn())).Should().Be(new TurnLocked(id, begun.Lease.Fence, LeaseDuration));
        (await CommitAsync(begun.Lease, "again")).Should().BeTrue();
        (await TextsAsync(id)).Should().Equal("1", "2", "3", "again");
    }

    [Fact, Rule("19.1", "5.6")]
    public async Task Begin_gives_a_title_to_a_conversation_without_one()
    {
        var id = (await CreateAsync(null, User("1"))).Id;

        await BeginAsync(Again(id, 1) with { Title = "title" });

        (await GetAsync(id)).Title.Should().Be("title");
    }

    [Fact, Rule("19.1", "4.3")]
    public async Task Begin_takes_over_an_expired_lease()
    {
        var held = await BeginAsync();
        Time.Advance(LeaseDuration);

        await BeginAsync(Again(held.Lease.ConversationId, 1));

        (await RunOfAsync(held.Lease)).Status.Should().Be(RunStatus.Interrupted);
        (await CommitAsync(held.Lease, "late")).Should().BeFalse();
    }

    [Theory, Rule("19.1")]
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    [InlineData(long.MinValue, 1)]
    [InlineData(5, 1)]
    [InlineData(4, 2)]
    [InlineData(1, int.MaxValue)]
    [InlineData((1L << 32) + 1, 1)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(long.MaxValue, int.MaxValue)]
    public async Task Begin_on_messages_that_are_not_there_is_not_found(long position, int count)
    {
        await CreateAsync(ScopeOf("user_2"), User("1"), User("2"));
        var id = await ConverseAsync(2);
        await CreateAsync(ScopeOf("user_3"), User("1"), User("2"));
        var before = await StateAsync();

        var outcome = await Store.BeginTurnAsync(Again(id, position, count));

        outcome.Should().Be(new TurnNotFound());
        (await StateAsync()).Should().Equal(before);
        (await BeginAsync(Again(id, 3))).InputPosition.Should().Be(3);
    }

    [Fact, Rule("19.1")]
    public async Task Begin_on_deleted_messages_is_not_found()
    {
        var id = (await CreateAsync(null, User("1"), User("2"), User("3"))).Id;
        await Store.DeleteMessageAsync(id, 2, Host);
        var before = await StateAsync();

        foreach (var (position, count) in new[] { (2, 1), (1, 2), (2, 2), (1, 3) })
            (await Store.BeginTurnAsync(Again(id, position, count))).Should().Be(new TurnNotFound());

        (await StateAsync()).Should().Equal(before);
        (await BeginAsync(Again(id, 3))).InputPosition.Should().Be(3);
    }

    [Fact, Rule("19.1")]
    public async Task Begin_on_superseded_messages_is_not_found()
    {
        var id = (await CreateAsync(null, User("1"), User("2"), User("3"))).Id;
        await AnswerAgainAsync(id, input: 2, "again");
        var before = await StateAsync();

        foreach (var (position, count) in new[] { (3, 1), (2, 2), (3, 2), (1, 4) })
            (await Store.BeginTurnAsync(Again(id, position, count))).Should().Be(new TurnNotFound());

        (await StateAsync()).Should().Equal(before);
        (await BeginAsync(Again(id, 1, count: 2))).InputPosition.Should().Be(1);
    }

    [Theory, Rule("19.1", "4.2", "5.5", "5.7")]
    [InlineData(1)]
    [InlineData(9)]
    public async Task Begin_in_a_conversation_that_is_locked_or_ended_or_moved_says_so_first(long position)
    {
        var id = await ConverseAsync(1);

        var moved = await Store.BeginTurnAsync(Again(id, position) with { ExpectedLastPosition = 1 });
        var held = await BeginAsync();
        var locked = await Store.BeginTurnAsync(Again(id, position) with { ExpectedLastPosition = 1 });
        await SetStatusAsync(id, ConversationStatus.Ended);
        var ended = await Store.BeginTurnAsync(Again(id, position) with { ExpectedLastPosition = 1 });

        moved.Should().Be(new TurnConversationMoved());
        locked.Should().Be(new TurnLocked(id, held.Lease.Fence, LeaseDuration));
        ended.Should().Be(new TurnConversationEnded(id));
    }

    [Fact, Rule("19.1", "5.7")]
    public async Task Begin_where_it_was_expected_begins()
    {
        var id = await ConverseAsync(1);

        var begun = await BeginAsync(Again(id, 1) with { ExpectedLastPosition = 2 });

        begun.LastPosition.Should().Be(2);
    }

    [Fact, Rule("16.1", "19.1")]
    public async Task Begin_out_of_reach_is_not_found()
    {
        var id = await ConverseAsync(1);
        var before = await StateAsync();

        foreach (var command in new[] { Again(id, 1) with { Access = AccessOf(ScopeOf("user_2")) }, Again(id, 1) with { Agent = "other" }, Again("conv_unknown", 1) })
            (await Store.BeginTurnAsync(command)).Should().Be(new TurnNotFound());

        (await StateAsync()).Should().Equal(before);
    }

    [Fact, Rule("19.1", "6.2", "6.3", "6.4")]
    public async Task Begin_with_a_known_key_gives_what_its_run_came_to()
    {
        var id = await ConverseAsync(1);
        var again = Again(id, 1) with { IdempotencyKey = "key", Fingerprint = "fingerprint" };
        var begun = await BeginAsync(again);

        var running = await Store.BeginTurnAsync(again);
        await Store.CommitTurnAsync(Completion(begun.Lease, "again") with { SupersedeFrom = 2 });
        await Store.DeleteMessageAsync(id, 1, Host);
        var completed = await Store.BeginTurnAsync(again);
        var other = await Store.BeginTurnAsync(again with { Fingerprint = "other" });

        running.Should().BeOfType<TurnRunning>().Which.Run.Number.Should().Be(begun.Lease.Fence);
        completed.Should().Be(new TurnCompletedBefore(await RunOfAsync(begun.Lease)));
        other.Should().Be(new TurnMismatch());
    }

    [Fact, Rule("19.1", "6.5")]
    public async Task Begin_with_the_key_of_a_run_that_failed_begins_again_on_the_same_messages()
    {
        var id = await ConverseAsync(1);
        var again = Again(id, 1, count: 2) with { IdempotencyKey = "key", Fingerprint = "fingerprint", ExpectedLastPosition = 2 };
        var failed = await BeginAsync(again);
        await Store.CommitTurnAsync(Completion(failed.Lease, "half") with { AreSuperseded = true, Status = RunStatus.Failed });

        var second = await BeginAsync(again);

        (second.InputPosition, second.LastPosition, second.IsOnSavedInput).Should().Be((1, 3, true));
        var run = await RunOfAsync(second.Lease);
        (run.InputPosition, run.InputCount, run.IdempotencyKey).Should().Be((1, 2, "key"));
        (await RunOfAsync(failed.Lease)).IdempotencyKey.Should().BeNull();
    }

    [Fact, Rule("19.1", "6.6")]
    public async Task Begin_with_the_key_of_a_run_that_failed_looks_again_for_the_messages()
    {
        var id = (await CreateAsync(null, User("1"), User("2"))).Id;
        var again = Again(id, 2) with { IdempotencyKey = "key", Fingerprint = "fingerprint" };
        await AbandonAsync(again, RunStatus.Failed);
        await AnswerAgainAsync(id, input: 1, "again");
        var before = await StateAsync();

        var outcome = await Store.BeginTurnAsync(again);

        outcome.Should().Be(new TurnNotFound());
        (await StateAsync()).Should().Equal(before);
    }
}
