namespace Conversations.Tests.Rules;

/// <summary>Turns that answer existing messages again.</summary>
public class InputAgainRulesTests : RulesTest
{
    [Fact, TurnRule("4.6", "5.6", "1.1")]
    public async Task Begin_opens_run_and_appends_nothing()
    {
        var id = (await CreateAsync(null, User("1"), User("2"), Assistant("3"))).Id;
        var before = await GetAsync(id);
        Time.Advance(TimeSpan.FromSeconds(1));
        var beganAt = Time.GetUtcNow();

        var begun = await BeginAsync(Again(id, 1, count: 2));

        begun.Should().Match<TurnBegun>(turn => turn.InputPosition == 1 && turn.LastPosition == 3 && turn.IsOnExistingInput && turn.StartReason == null);
        (await GetAsync(id)).Should().Be(before with { LastRunStatus = RunStatus.Running });
        (await TextsAsync(id)).Should().Equal("1", "2", "3");
        (await RunOfAsync(begun.Lease)).Should().Be(new ConversationRun
        {
            ConversationId = id,
            Number = begun.Lease.RunNumber,
            Status = RunStatus.Running,
            Caller = "user_1",
            IsOnExistingInput = true,
            InputPosition = 1,
            InputCount = 2,
            StartedAt = beganAt,
        });
        (await Store.BeginTurnAsync(Turn())).Should().Be(new TurnLocked(id, begun.Lease.RunNumber, LeaseDuration));
        (await CommitAsync(begun.Lease, "again")).Should().BeTrue();
        (await TextsAsync(id)).Should().Equal("1", "2", "3", "again");
    }

    [Fact, TurnRule("4.6", "2.7")]
    public async Task Begin_sets_title_when_conversation_has_none()
    {
        var id = (await CreateAsync(null, User("1"))).Id;

        await BeginAsync(Again(id, 1) with { TitleFrom = [User("title")] });

        (await GetAsync(id)).Title.Should().Be("title");
    }

    [Fact, TurnRule("4.6", "1.3")]
    public async Task Begin_takes_over_expired_lease()
    {
        var held = await BeginAsync();
        Time.Advance(LeaseDuration);

        await BeginAsync(Again(held.Lease.ConversationId, 1));

        (await RunOfAsync(held.Lease)).Status.Should().Be(RunStatus.Interrupted);
        (await CommitAsync(held.Lease, "late")).Should().BeFalse();
    }

    [Theory, TurnRule("4.6")]
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    [InlineData(long.MinValue, 1)]
    [InlineData(5, 1)]
    [InlineData(4, 2)]
    [InlineData(1, int.MaxValue)]
    [InlineData((1L << 32) + 1, 1)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(long.MaxValue, int.MaxValue)]
    public async Task Begin_is_not_found_when_messages_do_not_exist(long position, int count)
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

    [Fact, TurnRule("4.6")]
    public async Task Begin_is_not_found_when_messages_were_deleted()
    {
        var id = (await CreateAsync(null, User("1"), User("2"), User("3"))).Id;
        await Store.DeleteMessageAsync(id, 2, Host);
        var before = await StateAsync();

        foreach (var (position, count) in new[] { (2, 1), (1, 2), (2, 2), (1, 3) })
            (await Store.BeginTurnAsync(Again(id, position, count))).Should().Be(new TurnNotFound());

        (await StateAsync()).Should().Equal(before);
        (await BeginAsync(Again(id, 3))).InputPosition.Should().Be(3);
    }

    [Fact, TurnRule("4.6")]
    public async Task Begin_is_not_found_when_messages_are_superseded()
    {
        var id = (await CreateAsync(null, User("1"), User("2"), User("3"))).Id;
        await AnswerAgainAsync(id, input: 2, "again");
        var before = await StateAsync();

        foreach (var (position, count) in new[] { (3, 1), (2, 2), (3, 2), (1, 4) })
            (await Store.BeginTurnAsync(Again(id, position, count))).Should().Be(new TurnNotFound());

        (await StateAsync()).Should().Equal(before);
        (await BeginAsync(Again(id, 1, count: 2))).InputPosition.Should().Be(1);
    }

    [Theory, TurnRule("4.6", "1.2", "2.6")]
    [InlineData(1)]
    [InlineData(9)]
    public async Task Begin_is_locked_or_ended_before_messages_are_looked_up(long position)
    {
        var id = await ConverseAsync(1);

        var held = await BeginAsync();
        var locked = await Store.BeginTurnAsync(Again(id, position));
        await SetStatusAsync(id, ConversationStatus.Ended);
        var ended = await Store.BeginTurnAsync(Again(id, position));

        locked.Should().Be(new TurnLocked(id, held.Lease.RunNumber, LeaseDuration));
        ended.Should().Be(new TurnConversationEnded(id));
    }

    [Fact, TurnRule("2.6")]
    public async Task Begin_succeeds_in_an_ended_conversation_when_the_turn_only_changes_messages()
    {
        var id = await ConverseAsync(1);
        await SetStatusAsync(id, ConversationStatus.Ended);

        var begun = await BeginAsync(Again(id, 1) with { OnlyChanges = true });

        begun.InputPosition.Should().Be(1);
        (await Store.BeginTurnAsync(Again(id, 99) with { OnlyChanges = true })).Should().BeOfType<TurnLocked>();
    }

    [Fact, TurnRule("2.8", "4.6")]
    public async Task Begin_is_not_found_when_conversation_is_out_of_reach()
    {
        var id = await ConverseAsync(1);
        var before = await StateAsync();

        foreach (var command in new[] { Again(id, 1) with { Access = AccessOf(ScopeOf("user_2")) }, Again(id, 1) with { Agent = "other" }, Again("conv_unknown", 1) })
            (await Store.BeginTurnAsync(command)).Should().Be(new TurnNotFound());

        (await StateAsync()).Should().Equal(before);
    }

    [Fact, TurnRule("4.6", "3.2", "3.3", "3.4")]
    public async Task Begin_returns_state_of_run_when_key_is_known()
    {
        var id = await ConverseAsync(1);
        var again = Again(id, 1) with { IdempotencyKey = "key", Fingerprint = "fingerprint" };
        var begun = await BeginAsync(again);

        var running = await Store.BeginTurnAsync(again);
        await Store.CommitTurnAsync(Completion(begun.Lease, "again") with { SupersedeFrom = 2 });
        await Store.DeleteMessageAsync(id, 1, Host);
        var completed = await Store.BeginTurnAsync(again);
        var other = await Store.BeginTurnAsync(again with { Fingerprint = "other" });

        running.Should().BeOfType<TurnRunning>().Which.Run.Number.Should().Be(begun.Lease.RunNumber);
        completed.Should().Be(new TurnCompletedBefore(await RunOfAsync(begun.Lease)));
        other.Should().Be(new TurnMismatch());
    }

    [Fact, TurnRule("4.6", "3.5")]
    public async Task Begin_runs_again_on_same_messages_when_keyed_run_failed()
    {
        var id = await ConverseAsync(1);
        var again = Again(id, 1, count: 2) with { IdempotencyKey = "key", Fingerprint = "fingerprint" };
        var failed = await BeginAsync(again);
        await Store.CommitTurnAsync(Completion(failed.Lease, "half") with { AreSuperseded = true, Status = RunStatus.Failed });

        var second = await BeginAsync(again);

        (second.InputPosition, second.LastPosition, second.IsOnExistingInput).Should().Be((1, 3, true));
        var run = await RunOfAsync(second.Lease);
        (run.InputPosition, run.InputCount, run.IsOnExistingInput, run.IdempotencyKey).Should().Be((1, 2, true, "key"));
        (await RunOfAsync(failed.Lease)).IdempotencyKey.Should().BeNull();
    }

    [Fact, TurnRule("4.6", "3.6")]
    public async Task Begin_is_not_found_when_messages_were_superseded_since_keyed_run_failed()
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

    [Fact, TurnRule("4.6", "3.5")]
    public async Task Begin_is_not_found_when_message_was_deleted_since_keyed_run_failed()
    {
        var id = await ConverseAsync(1);
        var again = Again(id, 1) with { IdempotencyKey = "key", Fingerprint = "fingerprint" };
        await AbandonAsync(again, RunStatus.Failed);
        await Store.DeleteMessageAsync(id, 1, Host);

        (await Store.BeginTurnAsync(again)).Should().Be(new TurnNotFound());
    }
}
