namespace Conversations.Tests.Rules;

/// <summary>What a turn writes, at its beginning and at its end.</summary>
public class TurnRulesTests : RulesTest
{
    [Fact, TurnRule("4.2")]
    public async Task Begin_appends_input_and_opens_run()
    {
        var command = Turn(text: "one") with { Input = [User("one"), User("two")] };

        var begun = await BeginAsync(command);

        begun.Should().Match<TurnBegun>(turn => turn.InputPosition == 1 && turn.LastPosition == 2 && turn.StartReason == ConversationStartReason.First && !turn.IsOnExistingInput);
        (await MessagesAsync(command.NewConversationId)).Should().Equal(
            User("one").StoredAt(command.NewConversationId, 1, begun.Lease.RunNumber),
            User("two").StoredAt(command.NewConversationId, 2, begun.Lease.RunNumber));
        (await RunOfAsync(begun.Lease)).Should().Be(new ConversationRun
        {
            ConversationId = command.NewConversationId,
            Number = begun.Lease.RunNumber,
            Status = RunStatus.Running,
            Caller = "user_1",
            InputPosition = 1,
            InputCount = 2,
            StartedAt = Time.GetUtcNow(),
        });
    }

    [Fact, TurnRule("4.2", "5.1", "4.1")]
    public async Task Commit_appends_messages_and_closes_run()
    {
        var began = Time.GetUtcNow();
        var begun = await BeginAsync();
        Time.Advance(TimeSpan.FromSeconds(3));
        var usage = new TokenUsage { InputTokens = 10, OutputTokens = 20, CachedInputTokens = 5 };

        var committed = await Store.CommitTurnAsync(Completion(begun.Lease, "a", "b") with { Model = "model", FinishReason = "stop", Usage = usage, PromptTokens = 1L << 33, HistoryTokens = 0, Cost = 0.000123456789m });

        committed.Should().BeTrue();
        var messages = await MessagesAsync(begun.Lease.ConversationId);
        messages.Select(message => (message.Position, message.Text, message.RunNumber)).Should().Equal(
            (1, "hello", begun.Lease.RunNumber), (2, "a", begun.Lease.RunNumber), (3, "b", begun.Lease.RunNumber));
        (await RunOfAsync(begun.Lease)).Should().Be(new ConversationRun
        {
            ConversationId = begun.Lease.ConversationId,
            Number = begun.Lease.RunNumber,
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

    [Fact, TurnRule("5.1", "5.2", "5.6")]
    public async Task Commit_counts_messages_and_is_activity()
    {
        var began = Time.GetUtcNow();
        var begun = await BeginAsync();
        Time.Advance(TimeSpan.FromSeconds(3));
        var answer = Assistant("answer") with { CreatedAt = began.AddSeconds(1) };

        await Store.CommitTurnAsync(Completion(begun.Lease) with { Messages = [answer] });

        (await GetAsync(begun.Lease.ConversationId)).Should().Be(new Conversation
        {
            Id = begun.Lease.ConversationId,
            SessionId = "chat:user_1:agent",
            Project = "default",
            LastRunStatus = RunStatus.Completed,
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

    [Fact, TurnRule("5.6")]
    public async Task Begin_is_no_activity()
    {
        var first = await ExchangeAsync();
        var before = await GetAsync(first.Lease.ConversationId);
        Time.Advance(TimeSpan.FromSeconds(3));

        await BeginAsync();

        (await GetAsync(first.Lease.ConversationId)).LastActivityAt.Should().Be(before.LastActivityAt);
    }

    [Theory, TurnRule("4.1", "5.6")]
    [InlineData(RunStatus.Failed)]
    [InlineData(RunStatus.Cancelled)]
    [InlineData(RunStatus.Interrupted)]
    [InlineData(RunStatus.Completed)]
    [InlineData(RunStatus.RequiresAction)]
    public async Task Commit_without_messages_closes_run_and_is_activity(RunStatus status)
    {
        var begun = await BeginAsync();
        Time.Advance(TimeSpan.FromSeconds(3));

        var committed = await Store.CommitTurnAsync(Completion(begun.Lease) with { Status = status, Error = "Error", Cost = 1.5m, FinishReason = LongFinishReason });

        committed.Should().BeTrue();
        var run = await RunOfAsync(begun.Lease);
        run.Status.Should().Be(status);
        run.Error.Should().Be("Error");
        run.Cost.Should().Be(1.5m);
        run.FinishReason.Should().Be(LongFinishReason);
        run.OutputPosition.Should().Be(0);
        run.OutputCount.Should().Be(0);
        run.EndedAt.Should().Be(Time.GetUtcNow());
        (await GetAsync(begun.Lease.ConversationId)).LastActivityAt.Should().Be(Time.GetUtcNow());
    }

    [Fact, TurnRule("4.2")]
    public async Task Begin_appends_after_last_turn()
    {
        var first = await ExchangeAsync();

        var second = await BeginAsync();

        second.Lease.ConversationId.Should().Be(first.Lease.ConversationId);
        second.InputPosition.Should().Be(3);
        second.LastPosition.Should().Be(3);
        second.StartReason.Should().BeNull();
    }

    [Fact, TurnRule("4.2")]
    public async Task Create_assigns_positions_in_order_when_times_are_not()
    {
        var now = Time.GetUtcNow();

        var conversation = await CreateAsync(null, User("late") with { CreatedAt = now }, User("early") with { CreatedAt = now.AddYears(-1) }, User("same") with { CreatedAt = now });

        (await TextsAsync(conversation.Id)).Should().Equal("late", "early", "same");
        conversation.LastMessageAt.Should().Be(now);
    }

    [Fact, TurnRule("5.2")]
    public async Task LastMessageAt_is_time_of_last_position_when_times_are_not_in_order()
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

    [Fact, TurnRule("1.1")]
    public async Task Begin_leaves_Caller_null_when_there_is_no_identity()
    {
        var begun = await BeginAsync(Turn() with { Caller = "" });

        (await RunOfAsync(begun.Lease)).Caller.Should().BeNull();
    }

    [Fact, TurnRule("2.7")]
    public async Task Begin_sets_title_when_conversation_has_none()
    {
        var conversation = await CreateAsync();

        await BeginAsync(Turn() with { TitleFrom = [User("title")] });

        (await GetAsync(conversation.Id)).Title.Should().Be("title");
    }

    [Fact, TurnRule("2.7")]
    public async Task Begin_keeps_title_when_conversation_has_one()
    {
        var first = await ExchangeAsync(Turn() with { TitleFrom = [User("first")] });

        await BeginAsync(Turn() with { TitleFrom = [User("second")] });

        (await GetAsync(first.Lease.ConversationId)).Title.Should().Be("first");
    }

    [Fact, TurnRule("2.6")]
    public async Task Begin_by_id_continues_conversation_that_is_not_current()
    {
        var old = await ExchangeAsync();
        var current = await ExchangeAsync(Turn() with { StartNew = true });

        var begun = await BeginAsync(TurnIn(old.Lease.ConversationId));

        begun.Lease.ConversationId.Should().Be(old.Lease.ConversationId);
        begun.InputPosition.Should().Be(3);
        (await CurrentIdAsync()).Should().Be(current.Lease.ConversationId);
    }

    [Theory, TurnRule("2.6")]
    [InlineData(ConversationStatus.Ended)]
    [InlineData(ConversationStatus.Archived)]
    public async Task Begin_by_id_is_ended_and_writes_nothing_when_conversation_is_not_active(ConversationStatus status)
    {
        var first = await ExchangeAsync();
        await SetStatusAsync(first.Lease.ConversationId, status);
        var before = await StateAsync();

        var outcome = await Store.BeginTurnAsync(TurnIn(first.Lease.ConversationId));

        outcome.Should().Be(new TurnConversationEnded(first.Lease.ConversationId));
        (await StateAsync()).Should().Equal(before);
    }

    [Fact, TurnRule("2.6", "1.8")]
    public async Task Begin_by_id_is_ended_when_conversation_is_also_locked()
    {
        var open = await BeginAsync();
        await SetStatusAsync(open.Lease.ConversationId, ConversationStatus.Ended);

        var outcome = await Store.BeginTurnAsync(TurnIn(open.Lease.ConversationId));

        outcome.Should().Be(new TurnConversationEnded(open.Lease.ConversationId));
        (await CommitAsync(open.Lease, "answer")).Should().BeTrue();
    }

    [Fact, TurnRule("2.6")]
    public async Task Begin_by_id_is_not_found_when_agent_differs()
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

    [Fact, TurnRule("2.6")]
    public async Task Begin_by_id_is_not_found_when_id_is_unknown() =>
        (await Store.BeginTurnAsync(TurnIn("conv_unknown"))).Should().Be(new TurnNotFound());
}
