using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>What a turn writes, at its beginning and at its end.</summary>
public abstract class TurnSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("2.1", "3.1")]
    public async Task Begin_saves_the_input_and_opens_a_run()
    {
        var command = Turn(text: "one") with { Input = [User("one"), User("two")] };

        var begun = await BeginAsync(command);

        begun.Should().Be(new TurnBegun
        {
            Lease = new TurnLease(command.NewConversationId, begun.Lease.Fence, LeaseDuration),
            InputPosition = 1,
            LastPosition = 2,
            StartReason = ConversationStartReason.First,
        });
        (await MessagesAsync(command.NewConversationId)).Should().Equal(
            User("one") with { ConversationId = command.NewConversationId, Position = 1, RunNumber = begun.Lease.Fence },
            User("two") with { ConversationId = command.NewConversationId, Position = 2, RunNumber = begun.Lease.Fence });
        (await RunOfAsync(begun.Lease)).Should().Be(new ConversationRun
        {
            ConversationId = command.NewConversationId,
            Number = begun.Lease.Fence,
            Status = RunStatus.Running,
            Caller = "user_1",
            InputPosition = 1,
            InputCount = 2,
            StartedAt = Time.GetUtcNow(),
        });
    }

    [Fact, Rule("2.1", "2.4", "3.1", "4.6")]
    public async Task Commit_appends_and_closes_the_run()
    {
        var began = Time.GetUtcNow();
        var begun = await BeginAsync();
        Time.Advance(TimeSpan.FromSeconds(3));
        var usage = new TokenUsage { InputTokens = 10, OutputTokens = 20, CachedInputTokens = 5 };

        var committed = await Store.CommitTurnAsync(Completion(begun.Lease, "a", "b") with { Model = "model", FinishReason = "stop", Usage = usage, PromptTokens = 1L << 33, HistoryTokens = 0, Cost = 0.000123456789m });

        committed.Should().BeTrue();
        var messages = await MessagesAsync(begun.Lease.ConversationId);
        messages.Select(message => (message.Position, message.Text, message.RunNumber)).Should().Equal(
            (1, "hello", begun.Lease.Fence), (2, "a", begun.Lease.Fence), (3, "b", begun.Lease.Fence));
        (await RunOfAsync(begun.Lease)).Should().Be(new ConversationRun
        {
            ConversationId = begun.Lease.ConversationId,
            Number = begun.Lease.Fence,
            Status = RunStatus.Completed,
            Caller = "user_1",
            Model = "model",
            FinishReason = "stop",
            Usage = usage,
            PromptTokens = 1L << 33,
            HistoryTokens = 0,
            Cost = 0.000123456789m,
            InputPosition = 1,
            InputCount = 1,
            OutputPosition = 2,
            OutputCount = 2,
            StartedAt = began,
            EndedAt = Time.GetUtcNow(),
        });
    }

    [Fact, Rule("2.4", "8.5")]
    public async Task Commit_counts_messages_and_activity()
    {
        var began = Time.GetUtcNow();
        var begun = await BeginAsync();
        Time.Advance(TimeSpan.FromSeconds(3));
        var answer = Assistant("answer") with { CreatedAt = began.AddSeconds(1) };

        await Store.CommitTurnAsync(new CommitTurnCommand { Lease = begun.Lease, Status = RunStatus.Completed, Messages = [answer] });

        (await GetAsync(begun.Lease.ConversationId)).Should().Be(new Conversation
        {
            Id = begun.Lease.ConversationId,
            SessionId = "chat:user_1:agent",
            Project = "default",
            Agent = "agent",
            Channel = "chat",
            UserId = "user_1",
            MessageCount = 2,
            LastPosition = 2,
            CreatedAt = began,
            LastActivityAt = Time.GetUtcNow(),
            LastMessageAt = began.AddSeconds(1),
        });
    }

    [Fact, Rule("8.5")]
    public async Task Begin_counts_the_input_as_activity()
    {
        var first = await ExchangeAsync();
        Time.Advance(TimeSpan.FromSeconds(3));

        await BeginAsync();

        (await GetAsync(first.Lease.ConversationId)).LastActivityAt.Should().Be(Time.GetUtcNow());
    }

    [Theory, Rule("3.1", "4.6", "8.5")]
    [InlineData(RunStatus.Failed)]
    [InlineData(RunStatus.Cancelled)]
    [InlineData(RunStatus.Interrupted)]
    [InlineData(RunStatus.Completed)]
    [InlineData(RunStatus.RequiresAction)]
    public async Task Commit_without_messages_closes_the_run_and_is_no_activity(RunStatus status)
    {
        var began = Time.GetUtcNow();
        var begun = await BeginAsync();
        Time.Advance(TimeSpan.FromSeconds(3));

        var committed = await Store.CommitTurnAsync(new CommitTurnCommand { Lease = begun.Lease, Status = status, Error = "Error", Cost = 1.5m, FinishReason = LongFinishReason });

        committed.Should().BeTrue();
        var run = await RunOfAsync(begun.Lease);
        run.Status.Should().Be(status);
        run.Error.Should().Be("Error");
        run.Cost.Should().Be(1.5m);
        run.FinishReason.Should().Be(LongFinishReason);
        run.OutputPosition.Should().Be(0);
        run.OutputCount.Should().Be(0);
        run.EndedAt.Should().Be(Time.GetUtcNow());
        (await GetAsync(begun.Lease.ConversationId)).LastActivityAt.Should().Be(began);
    }

    [Fact, Rule("2.1")]
    public async Task Turns_one_after_another_number_on()
    {
        var first = await ExchangeAsync();

        var second = await BeginAsync();

        second.Lease.ConversationId.Should().Be(first.Lease.ConversationId);
        second.InputPosition.Should().Be(3);
        second.LastPosition.Should().Be(3);
        second.StartReason.Should().BeNull();
    }

    [Fact, Rule("2.1")]
    public async Task Read_orders_by_position_whatever_the_times()
    {
        var now = Time.GetUtcNow();

        var conversation = await CreateAsync(null, User("late") with { CreatedAt = now }, User("early") with { CreatedAt = now.AddYears(-1) }, User("same") with { CreatedAt = now });

        (await TextsAsync(conversation.Id)).Should().Equal("late", "early", "same");
        conversation.LastMessageAt.Should().Be(now);
    }

    [Fact, Rule("2.4")]
    public async Task Last_message_is_that_of_the_last_position_whatever_the_times()
    {
        var now = Time.GetUtcNow();
        var created = await CreateAsync(null, User("1"), User("2") with { CreatedAt = now.AddYears(-1) });

        var begun = await BeginAsync(Turn() with { Input = [User("3"), User("4") with { CreatedAt = now.AddYears(-2) }] });
        var atTheBeginning = await GetAsync(created.Id);
        await Store.CommitTurnAsync(Completion(begun.Lease) with { Messages = [Assistant("5"), Assistant("6") with { CreatedAt = now.AddYears(-3) }] });

        created.LastMessageAt.Should().Be(now.AddYears(-1));
        atTheBeginning.LastMessageAt.Should().Be(now.AddYears(-2));
        (await GetAsync(created.Id)).LastMessageAt.Should().Be(now.AddYears(-3));
    }

    [Fact, Rule("3.1")]
    public async Task Begin_without_identity_leaves_a_run_without_caller()
    {
        var begun = await BeginAsync(Turn() with { Caller = "" });

        (await RunOfAsync(begun.Lease)).Caller.Should().BeNull();
    }

    [Fact, Rule("5.6")]
    public async Task Begin_gives_a_title_to_a_conversation_without_one()
    {
        var conversation = await CreateAsync();

        await BeginAsync(Turn() with { Title = "title" });

        (await GetAsync(conversation.Id)).Title.Should().Be("title");
    }

    [Fact, Rule("5.6")]
    public async Task Begin_leaves_a_title_that_stands()
    {
        var first = await ExchangeAsync(Turn() with { Title = "first" });

        await BeginAsync(Turn() with { Title = "second" });

        (await GetAsync(first.Lease.ConversationId)).Title.Should().Be("first");
    }

    [Fact, Rule("5.5")]
    public async Task Begin_by_id_continues_a_conversation_that_is_not_current()
    {
        var old = await ExchangeAsync();
        var current = await ExchangeAsync(Turn() with { StartNew = true });

        var begun = await BeginAsync(TurnIn(old.Lease.ConversationId));

        begun.Lease.ConversationId.Should().Be(old.Lease.ConversationId);
        begun.InputPosition.Should().Be(3);
        (await CurrentIdAsync()).Should().Be(current.Lease.ConversationId);
    }

    [Theory, Rule("5.5")]
    [InlineData(ConversationStatus.Ended)]
    [InlineData(ConversationStatus.Archived)]
    public async Task Begin_by_id_of_one_that_is_not_active_writes_nothing(ConversationStatus status)
    {
        var first = await ExchangeAsync();
        await SetStatusAsync(first.Lease.ConversationId, status);
        var before = await StateAsync();

        var outcome = await Store.BeginTurnAsync(TurnIn(first.Lease.ConversationId));

        outcome.Should().Be(new TurnConversationEnded(first.Lease.ConversationId));
        (await StateAsync()).Should().Equal(before);
    }

    [Fact, Rule("5.5", "4.7")]
    public async Task Begin_by_id_of_one_that_ended_with_its_turn_open_is_ended_not_locked()
    {
        var open = await BeginAsync();
        await SetStatusAsync(open.Lease.ConversationId, ConversationStatus.Ended);

        var outcome = await Store.BeginTurnAsync(TurnIn(open.Lease.ConversationId));

        outcome.Should().Be(new TurnConversationEnded(open.Lease.ConversationId));
        (await CommitAsync(open.Lease, "answer")).Should().BeTrue();
    }

    [Fact, Rule("5.5")]
    public async Task Begin_by_id_for_another_agent_is_not_found()
    {
        var first = await ExchangeAsync();
        var before = await StateAsync();

        foreach (var other in new[] { "other", "Agent" })
        {
            var outcome = await Store.BeginTurnAsync(TurnIn(first.Lease.ConversationId) with { Agent = other });

            outcome.Should().Be(new TurnNotFound());
        }

        (await StateAsync()).Should().Equal(before);
    }

    [Fact, Rule("5.5")]
    public async Task Begin_by_an_unknown_id_is_not_found() =>
        (await Store.BeginTurnAsync(TurnIn("conv_unknown"))).Should().Be(new TurnNotFound());

    [Fact, Rule("5.7")]
    public async Task Begin_at_the_expected_position_begins()
    {
        var first = await ExchangeAsync();

        var begun = await BeginAsync(TurnIn(first.Lease.ConversationId) with { ExpectedLastPosition = 2 });

        begun.InputPosition.Should().Be(3);
    }

    [Theory, Rule("5.7")]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Begin_at_another_position_writes_nothing(long expected)
    {
        var first = await ExchangeAsync();
        var before = await StateAsync();

        var byId = await Store.BeginTurnAsync(TurnIn(first.Lease.ConversationId) with { ExpectedLastPosition = expected });
        var byScope = await Store.BeginTurnAsync(Turn() with { ExpectedLastPosition = expected });

        byId.Should().Be(new TurnConversationMoved());
        byScope.Should().Be(new TurnConversationMoved());
        (await StateAsync()).Should().Equal(before);
        await BeginAsync();
    }

    [Fact, Rule("5.1", "5.7")]
    public async Task Begin_of_a_new_conversation_expects_it_to_stand_at_0()
    {
        var moved = await Store.BeginTurnAsync(Turn() with { ExpectedLastPosition = 1 });
        var listed = await ListAsync();
        var begun = await BeginAsync(Turn() with { ExpectedLastPosition = 0 });

        moved.Should().Be(new TurnConversationMoved());
        listed.Should().BeEmpty();
        begun.StartReason.Should().Be(ConversationStartReason.First);
    }

    [Fact, Rule("5.7")]
    public async Task Begin_of_a_new_one_beside_the_current_one_expects_it_to_stand_at_0()
    {
        await ExchangeAsync();
        var before = await StateAsync();

        var moved = await Store.BeginTurnAsync(Turn() with { StartNew = true, ExpectedLastPosition = 2 });
        var after = await StateAsync();
        var begun = await BeginAsync(Turn() with { StartNew = true, ExpectedLastPosition = 0 });

        moved.Should().Be(new TurnConversationMoved());
        after.Should().Equal(before);
        begun.StartReason.Should().Be(ConversationStartReason.Requested);
    }

    [Theory, Rule("5.7")]
    [InlineData(ConversationStatus.Ended)]
    [InlineData(ConversationStatus.Archived)]
    public async Task Begin_of_the_next_after_the_current_one_ended_expects_it_to_stand_at_0(ConversationStatus status)
    {
        var first = await ExchangeAsync();
        await SetStatusAsync(first.Lease.ConversationId, status);
        var before = await StateAsync();

        var moved = await Store.BeginTurnAsync(Turn() with { ExpectedLastPosition = 2 });
        var after = await StateAsync();
        var begun = await BeginAsync(Turn() with { ExpectedLastPosition = 0 });

        moved.Should().Be(new TurnConversationMoved());
        after.Should().Equal(before);
        begun.StartReason.Should().Be(ConversationStartReason.Ended);
    }

    [Fact, Rule("5.7")]
    public async Task Begin_at_another_position_of_a_deleted_message_counts_the_position()
    {
        var first = await ExchangeAsync();
        await Store.DeleteMessageAsync(first.Lease.ConversationId, 2, Host);

        var begun = await BeginAsync(Turn() with { ExpectedLastPosition = 2 });

        begun.InputPosition.Should().Be(3);
    }

    [Fact, Rule("5.7")]
    public async Task Begin_at_another_position_says_locked_ended_or_not_found_first()
    {
        var open = await BeginAsync();
        var ended = await ExchangeAsync(Turn(ScopeOf("user_2")));
        await SetStatusAsync(ended.Lease.ConversationId, ConversationStatus.Ended);

        var locked = await Store.BeginTurnAsync(Turn() with { ExpectedLastPosition = 99 });
        var over = await Store.BeginTurnAsync(TurnIn(ended.Lease.ConversationId, ScopeOf("user_2")) with { ExpectedLastPosition = 99 });
        var missing = await Store.BeginTurnAsync(TurnIn("conv_unknown") with { ExpectedLastPosition = 99 });

        locked.Should().Be(new TurnLocked(open.Lease.ConversationId, open.Lease.Fence, LeaseDuration));
        over.Should().Be(new TurnConversationEnded(ended.Lease.ConversationId));
        missing.Should().Be(new TurnNotFound());
    }
}
