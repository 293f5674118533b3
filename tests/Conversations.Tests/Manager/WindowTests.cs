namespace Conversations.Tests.Manager;

/// <summary>The messages that go to the model, by number and by tokens.</summary>
public abstract class WindowTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    /// <summary>A word is a token: with the allowances, a message of n words costs n + 4.</summary>
    private static readonly CountingCounter Words = new("words");

    [Fact]
    public async Task Prompt_contains_the_newest_messages_that_fit_the_token_limit()
    {
        var alice = Sliding(agent => agent.TokenLimit = 3 + 5 + (4 * 5) + 4);
        for (var i = 1; i <= 5; i++)
            await alice.RunTurnAsync("words", "question", Say("answer"), Cancellation);

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        turn.Prompt.Should().HaveCount(5);
        turn.History.Cast<StoredMessage>().Select(message => message.Position).Should().Equal(7, 8, 9, 10);
        turn.Window.Should().BeEquivalentTo(new
        {
            MessageCount = 4,
            MessageLimit = 20,
            TokenLimit = 32,
            FirstPosition = 7,
            Tokens = new TokenAmount(3 + 5 + (4 * 5), "words"),
            Excluded = new[] { new ExcludedRange(ExclusionReason.TokenLimit, 1, 6) },
        });
    }

    [Fact]
    public async Task Prompt_counts_the_system_prompt_and_puts_it_first()
    {
        var alice = Agent(agent =>
        {
            agent.SystemPrompt = "be kind";
            agent.TokenLimit = 3 + 6 + 5 + 10;
        });
        await alice.RunTurnAsync("words", "question", Say("answer"), Cancellation);
        await alice.RunTurnAsync("words", "question", Say("answer"), Cancellation);

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        turn.Prompt.Select(message => message.Role).Should().Equal(MessageRole.System, MessageRole.User, MessageRole.Assistant, MessageRole.User);
        turn.Window.Tokens.Count.Should().Be(24);
    }

    [Fact]
    public async Task Prompt_drops_the_oldest_messages_as_the_turn_adds_messages()
    {
        var alice = Agent(agent => agent.TokenLimit = 3 + 5 + 20);
        await alice.RunTurnAsync("words", "one", Say("answer"), Cancellation);
        await alice.RunTurnAsync("words", "two", Say("answer"), Cancellation);
        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);
        turn.Prompt.Should().HaveCount(5);

        turn.Add(ConversationMessage.Error("an error takes no room in a prompt at all"));
        turn.Prompt.Should().HaveCount(5);
        turn.Add(ConversationMessage.Assistant("let me see"));

        turn.Prompt.Select(message => message.Text).Should().Equal("two", "answer", "now", "let me see");
        turn.Window.Tokens.Count.Should().Be(3 + 5 + 7 + 10);
        turn.Add(ConversationMessage.Assistant("one two three four five six seven eight nine ten"));
        var prompt = () => turn.Prompt;
        prompt.Should().Throw<PromptTooLargeException>().Which.Tokens.Should().Be(new TokenAmount(3 + 5 + 7 + 14, "words"));
    }

    [Fact]
    public async Task BeginTurn_is_refused_and_writes_nothing_when_its_input_alone_is_too_large()
    {
        var alice = Agent(agent => agent.TokenLimit = 10);
        var request = new TurnRequest("words", "one two three four five six");

        var begin = () => alice.BeginTurnAsync(request, Cancellation);

        var thrown = (await begin.Should().ThrowAsync<PromptTooLargeException>()).Which;
        (thrown.Code, thrown.Tokens, thrown.TokenLimit).Should().Be(("PROMPT_TOO_LARGE", new TokenAmount(13, "words"), 10));
        thrown.Message.Should().Contain("13").And.Contain("10").And.NotContain("three");
        (await alice.GetCurrentAsync("words", cancellationToken: Cancellation)).Should().BeNull();
        (await alice.ExplainAsync(request, Cancellation)).Refusal.Should().Be("PROMPT_TOO_LARGE");
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1_000_000_000)]
    public async Task Counts_above_the_maximum_are_counted_as_the_maximum(int count)
    {
        var alice = Agent(agent => agent.TokenCounter = TokenCounter.Create("huge", _ => count));
        await alice.RunTurnAsync("words", "question", (turn, _) => AddAsync(turn, ConversationMessage.ToolResult("1", "r")), Cancellation);
        var limited = Agent(agent => (agent.TokenCounter, agent.TokenLimit) = (TokenCounter.Create("huge", text => text == "now" ? 1 : count), 10));

        await using var turn = await limited.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        turn.History.Should().BeEmpty();
        turn.Window.Tokens.Count.Should().Be(8);
    }

    [Fact]
    public async Task Counter_is_refused_by_name_and_writes_nothing_when_it_returns_less_than_zero()
    {
        var alice = Agent(agent => agent.TokenCounter = new BrokenCounter());

        var begin = () => alice.BeginTurnAsync(new TurnRequest("words", "hello"), Cancellation);

        await begin.Should().ThrowAsync<InvalidOperationException>().WithMessage("*'broken'*");
        (await alice.GetCurrentAsync("words", cancellationToken: Cancellation)).Should().BeNull();
    }

    [Fact]
    public async Task Window_of_a_retry_reports_the_partial_output_of_the_first_run()
    {
        var request = new TurnRequest("words", "one") { IdempotencyKey = "key" };
        var alice = Agent(_ => { });
        var fail = () => alice.RunTurnAsync(request, (turn, _) =>
        {
            turn.Add(ConversationMessage.Assistant("half"));
            throw new InvalidOperationException("The model is away.");
        }, Cancellation);
        await fail.Should().ThrowAsync<InvalidOperationException>();

        await using var again = await alice.BeginTurnAsync(request, Cancellation);

        again.Prompt.Select(message => message.Text).Should().Equal("one");
        again.Window.Excluded.Should().Equal(new ExcludedRange(ExclusionReason.Partial, 2, 2));
    }

    [Fact]
    public async Task Explain_reports_that_a_result_answers_no_open_call()
    {
        var request = new TurnRequest(Bot, ConversationMessage.ToolResult("1", "approved"));
        (await Alice.ExplainAsync(request, Cancellation)).Refusal.Should().Be("CALL_NOT_OPEN");
        await Alice.RunTurnAsync(Bot, "refund me", (turn, _) => AddAsync(turn, ConversationMessage.ToolCall("1", "refund", "{}")), Cancellation);

        (await Alice.ExplainAsync(request, Cancellation)).Refusal.Should().BeNull();
    }

    [Fact]
    public async Task Request_sets_its_own_limits()
    {
        var alice = Agent(_ => { });
        for (var i = 1; i <= 3; i++)
            await alice.RunTurnAsync("words", "question", Say("answer"), Cancellation);

        await using (var few = await alice.BeginTurnAsync(new TurnRequest("words", "now") { HistoryLimit = 3 }, Cancellation))
            few.History.Should().HaveCount(2);
        await using (var cheap = await alice.BeginTurnAsync(new TurnRequest("words", "now") { TokenLimit = 20 }, Cancellation))
            cheap.History.Select(message => message.Text).Should().Equal("now");

        var none = () => new TurnRequest("words", "now") { HistoryLimit = 0 };
        none.Should().Throw<ArgumentOutOfRangeException>();
        none = () => new TurnRequest("words", "now") { TokenLimit = 0 };
        none.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public async Task Request_does_not_raise_the_limits_of_the_agent()
    {
        var alice = Agent(agent => (agent.HistoryLimit, agent.TokenLimit) = (3, 30));
        for (var i = 1; i <= 3; i++)
            await alice.RunTurnAsync("words", "question", Say("answer"), Cancellation);
        await using (var plain = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation))
            (plain.Window.MessageLimit, plain.Window.TokenLimit).Should().Be((3, 30));

        await using var greedy = await alice.BeginTurnAsync(new TurnRequest("words", "now") { HistoryLimit = 1_000, TokenLimit = 1_000 }, Cancellation);

        (greedy.Window.MessageLimit, greedy.Window.TokenLimit).Should().Be((3, 30));
    }

    [Fact]
    public async Task Messages_are_counted_once_when_they_are_stored()
    {
        var counter = new CountingCounter("words");
        var alice = Agent(agent => (agent.TokenCounter, agent.TokenLimit) = (counter, 1_000));
        await alice.RunTurnAsync("words", "question", Say("answer"), Cancellation);
        counter.Reset();

        await alice.RunTurnAsync("words", "again", Say("yes"), Cancellation);

        counter.Counted.Should().Equal("again", "yes");
        var messages = await alice.GetMessagesAsync((await alice.GetCurrentAsync("words", cancellationToken: Cancellation))!.Id, cancellationToken: Cancellation).ToListAsync(Cancellation);
        messages.Select(message => message.Tokens).Should().AllBeEquivalentTo(new TokenAmount(5, "words"));
    }

    [Fact]
    public async Task Messages_are_counted_again_once_when_the_counter_changes()
    {
        await Agent(_ => { }).RunTurnAsync("words", "question", Say("answer"), Cancellation);
        var counter = new CountingCounter("other");
        var alice = Agent(agent => agent.TokenCounter = counter);
        await alice.RunTurnAsync("words", "again", Say("yes"), Cancellation);
        counter.Counted.Should().BeEquivalentTo("again", "yes", "question", "answer");
        counter.Reset();

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        counter.Counted.Should().Equal("now");
        turn.History.Select(message => message.Tokens!.Value.Counter).Should().AllBeEquivalentTo("other");
    }

    [Fact]
    public async Task Import_counts_its_messages()
    {
        var manager = new ConversationManager(Store, new ConversationOptions().AddAgent("words", agent => agent.TokenCounter = Words), Time);
        var import = new ConversationImport("words", [ConversationMessage.User("one two")]) { Identity = ConversationIdentity.ForUser("alice") };

        var imported = await manager.ImportAsync(import, Cancellation);

        (await manager.GetMessagesAsync(imported.Id, cancellationToken: Cancellation).ToListAsync(Cancellation))[0].Tokens.Should().Be(new TokenAmount(6, "words"));
    }

    [Fact]
    public async Task Explain_reports_what_the_prompt_would_contain_and_omit()
    {
        var alice = Sliding(agent => agent.HistoryLimit = 4);
        for (var i = 1; i <= 3; i++)
            await alice.RunTurnAsync("words", "question", Say("answer"), Cancellation);

        var explanation = await alice.ExplainAsync(new TurnRequest("words", "now"), Cancellation);

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);
        explanation.Window.Should().BeEquivalentTo(turn.Window);
        explanation.Window!.Excluded.Should().Equal(
            new ExcludedRange(ExclusionReason.MessageLimit, 1, 3), new ExcludedRange(ExclusionReason.ExchangeCut, 4, 4));
        explanation.ToString().Should().EndWith(
            "The prompt shows 2 messages of the history and costs 18 tokens (words). Positions 1 to 3 are left out: the limit of messages. "
            + "Position 4 is left out: the window begins with a whole exchange, where it can with a user's message.");
    }

    [Fact]
    public async Task Commit_requires_action_when_a_call_is_open_and_the_next_turn_answers_it()
    {
        var request = new TurnRequest(Bot, "refund me") { IdempotencyKey = "refund" };
        var asked = await Alice.RunTurnAsync(request, (turn, _) => AddAsync(turn, ConversationMessage.ToolCall("1", "refund", "{}")), Cancellation);
        (await Alice.GetRunAsync(asked.RunId!, Cancellation))!.Status.Should().Be(RunStatus.RequiresAction);
        (await Alice.RunTurnAsync(request, Say("not again"), Cancellation)).IsReplay.Should().BeTrue();

        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, ConversationMessage.ToolResult("1", "approved")), Cancellation);

        turn.History.Select(message => message.Kind).Should().Equal(MessageKind.Message, MessageKind.ToolCall);
        turn.Add(ConversationMessage.Assistant("done"));
        var answered = await turn.CommitAsync(Cancellation);
        (await Alice.GetRunAsync(answered.RunId!, Cancellation))!.Status.Should().Be(RunStatus.Completed);
    }

    [Fact]
    public async Task Prompt_shows_that_an_open_call_has_no_result_yet_and_was_not_interrupted()
    {
        await Alice.RunTurnAsync(Bot, "refund me", (turn, _) => AddAsync(turn, ConversationMessage.ToolCall("1", "refund", "{}")), Cancellation);

        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "well?"), Cancellation);

        turn.History[^1].Parts.Should().ContainSingle().Which.Should().BeOfType<ToolResultPart>().Which.Content.Should().Be("The call has no result yet.");
    }

    private static Task AddAsync(ConversationTurn turn, ConversationMessage message)
    {
        turn.Add(message);
        return Task.CompletedTask;
    }

    private sealed class BrokenCounter : ITokenCounter
    {
        public string Name => "broken";

        public int Count(ReadOnlySpan<char> text) => -100;
    }

    private ScopedConversations Sliding(Action<AgentOptions> configure) => Agent(agent =>
    {
        agent.HistoryTrim = 1;
        configure(agent);
    });

    private ScopedConversations Agent(Action<AgentOptions> configure) => new ConversationManager(
        Store,
        new ConversationOptions().AddAgent("words", agent =>
        {
            agent.TokenCounter = Words;
            configure(agent);
        }),
        Time,
        Log).ForIdentity(ConversationIdentity.ForUser("alice"));
}

public sealed class WindowTestsInMemory : WindowTests<InMemory>;

public sealed class WindowTestsOnSqlite : WindowTests<Sqlite>;
