namespace Conversations.Tests.Manager;

/// <summary>What is too large for the limit of tokens is left out alone, and what precedes it is shown.</summary>
public abstract class TooLargeTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private const int Limit = 1_000;

    /// <summary>A word is a token: with the allowances, a message of n words costs n + 4, and a call with n words n + 14.</summary>
    private static readonly CountingCounter Words = new("words");

    [Fact]
    public async Task Result_that_is_read_again_is_counted_once()
    {
        var alice = Agent();
        await CallAsync(alice, "q1", [Call("a", 1)], [Result("a", 550)]);
        await CallAsync(alice, "q2", [Call("b", 1), Call("c", 1)], [Result("b", 500), Result("c", 600)]);

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        turn.Prompt.SelectMany(message => message.Parts).OfType<ToolResultPart>().Select(result => (result.CallId, result.IsError))
            .Should().Equal(("a", false), ("b", true), ("c", true));
        turn.Window.Excluded.Should().Equal(new ExcludedRange(ExclusionReason.TooLarge, 7, 7), new ExcludedRange(ExclusionReason.TooLarge, 8, 8));
    }

    [Fact]
    public async Task Failed_input_that_is_read_again_is_left_out_once()
    {
        var alice = Agent(agent => agent.FailedInputs = FailedInputs.Exclude);
        await using (var failing = await alice.BeginTurnAsync(new TurnRequest("words", "bad"), Cancellation))
            await failing.FailAsync(new InvalidOperationException("refused"));
        await CallAsync(alice, "q1", [Call("a", 1)], [Result("a", 550)]);
        await CallAsync(alice, "q2", [Call("b", 1), Call("c", 1)], [Result("b", 500), Result("c", 600)]);

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        turn.History[0].Text.Should().Be("q1");
        turn.Window.Excluded.Should().ContainSingle(range => range.Reason == ExclusionReason.FailedInput).Which.From.Should().Be(1);
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(60, false)]
    public async Task Exchange_is_left_out_whole_when_its_calls_do_not_fit_with_placeholders_for_their_results(int calls, bool showsCalls)
    {
        var alice = Agent();
        await alice.RunTurnAsync("words", "q1", Say("a1"), Cancellation);
        await CallAsync(
            alice,
            "q2",
            [new ConversationMessage(MessageRole.Assistant, Enumerable.Range(1, calls).Select(i => new ToolCallPart($"{i}", "read", "{}")))],
            [.. Enumerable.Range(1, calls).Select(i => Result($"{i}", 50))]);

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        IEnumerable<string> shown = showsCalls ? ["ToolCall", .. Enumerable.Repeat("ToolResult", calls)] : [];
        Shown(turn).Should().Equal(["q1", "a1", "q2", .. shown, "now"]);
        turn.Window.Tokens.Count.Should().BeLessThanOrEqualTo(Limit);
        turn.Window.Excluded.Should().Equal(Enumerable.Range(showsCalls ? 5 : 4, showsCalls ? calls : calls + 1).Select(position => new ExcludedRange(ExclusionReason.TooLarge, position, position)));
    }

    [Theory]
    [InlineData(5, 250, 1)]
    [InlineData(40, 30, 1)]
    [InlineData(40, 5, 50)]
    public async Task Exchange_is_left_out_whole_when_its_messages_with_calls_do_not_fit_together(int calls, int words, int result)
    {
        var alice = Agent();
        await alice.RunTurnAsync("words", "q1", Say("a1"), Cancellation);
        await CallAsync(alice, "q2", [.. Enumerable.Range(1, calls).Select(i => Call($"{i}", words))], [.. Enumerable.Range(1, calls).Select(i => Result($"{i}", result))]);

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        Shown(turn).Should().Equal("q1", "a1", "q2", "now");
        turn.Window.Excluded.Should().HaveCount(2 * calls).And.OnlyContain(range => range.Reason == ExclusionReason.TooLarge);
    }

    [Theory]
    [InlineData(950, true)]
    [InlineData(970, false)]
    public async Task Interrupted_call_is_left_out_when_it_does_not_fit_with_the_placeholder_for_its_result(int words, bool showsCall)
    {
        var alice = Agent(agent => agent.HistoryTrim = 1);
        await alice.RunTurnAsync("words", "q1", Say("a1"), Cancellation);
        var stopping = () => alice.RunTurnAsync("words", "q2", (turn, _) => Task.FromException(new TimeoutException(turn.Add(Call("1", words)).Id)), Cancellation);
        await stopping.Should().ThrowAsync<TimeoutException>();

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        if (showsCall)
            Shown(turn).Should().Equal("q2", "ToolCall", "ToolResult", "now");
        else
            Shown(turn).Should().Equal("q1", "a1", "q2", "now");
    }

    [Fact]
    public async Task History_is_read_no_further_when_more_than_512_messages_are_left_out()
    {
        var alice = Agent(agent => (agent.TokenLimit, agent.HistoryLimit) = (20, 300), out var manager);
        var messages = Enumerable.Range(1, 400).SelectMany(_ => new[] { ConversationMessage.User(Text(20)), ConversationMessage.Assistant(Text(20)) });
        await manager.ImportAsync(new ConversationImport("words", messages) { Identity = ConversationIdentity.ForUser("alice") }, Cancellation);

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        // Messages are read in chunks of 256.
        turn.Window.Excluded.Count(range => range.Reason == ExclusionReason.TooLarge).Should().Be(512);
        turn.Window.Excluded.Should().Contain(range => range.From == 1 && range.To == 288);
    }

    [Fact]
    public async Task Text_before_calls_is_not_left_out_as_one_of_them()
    {
        var alice = Agent();
        await CallAsync(alice, "q1", [ConversationMessage.Assistant(Text(900)), Call("a", 10), Call("b", 10)], [Result("a", 100), Result("b", 100)]);

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        turn.Window.Excluded.Should().NotContain(range => range.Reason == ExclusionReason.TooLarge);
    }

    [Fact]
    public async Task Failed_input_is_shown_when_what_its_run_did_with_a_tool_is_too_large_to_be_read()
    {
        var alice = Agent();
        await FailAsync(alice, "pay", Call("1", 2_000), Result("1", 2_000));
        await alice.RunTurnAsync("words", "q2", Say("a2"), Cancellation);

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        Shown(turn).Should().Equal("pay", "q2", "a2", "now");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Failed_run_is_judged_by_all_of_its_messages_when_they_are_read_in_parts(bool calls)
    {
        // The first part ends with the last text of the failed run, because a refused input takes the room of what precedes it.
        var alice = Agent(agent => agent.FailedInputs = FailedInputs.Exclude);
        await FailAsync(alice, "pay", calls ? [Call("1", 100), Result("1", 100), ConversationMessage.Assistant("paid")] : [ConversationMessage.Assistant(Text(200)), ConversationMessage.Assistant("wait")]);
        await FailAsync(alice, Text(900));
        await alice.RunTurnAsync("words", "q2", Say("a2"), Cancellation);

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        IEnumerable<string> shown = calls ? ["pay", "ToolCall", "ToolResult", "paid"] : [];
        Shown(turn).Should().Equal([.. shown, "q2", "a2", "now"]);
        turn.Window.Excluded.Should().HaveCount(calls ? 1 : 4).And.OnlyContain(range => range.Reason == ExclusionReason.FailedInput);
        turn.Window.Excluded.Select(range => range.From).Should().OnlyHaveUniqueItems();
    }

    private static ConversationMessage Call(string id, int words) => ConversationMessage.ToolCall(id, "read", Text(words));

    private static ConversationMessage Result(string id, int words) => ConversationMessage.ToolResult(id, Text(words));

    private static string Text(int words) => string.Join(' ', Enumerable.Repeat("word", words));

    private static IEnumerable<string> Shown(ConversationTurn turn) =>
        turn.Prompt.Select(message => message.Kind == MessageKind.Message ? message.Text : message.Kind.ToString());

    /// <summary>A turn that calls tools, and then cannot make a prompt if they are too large.</summary>
    private static async Task CallAsync(ScopedConversations caller, string question, ConversationMessage[] calls, ConversationMessage[] results)
    {
        await using var turn = await caller.BeginTurnAsync(new TurnRequest("words", question), Cancellation);
        foreach (var message in calls.Concat(results))
            turn.Add(message);
        await turn.CommitAsync(Cancellation);
    }

    private static async Task FailAsync(ScopedConversations caller, string question, params ConversationMessage[] added)
    {
        await using var turn = await caller.BeginTurnAsync(new TurnRequest("words", question), Cancellation);
        foreach (var message in added)
            turn.Add(message);
        await turn.FailAsync(new InvalidOperationException("failed"));
    }

    private ScopedConversations Agent(Action<AgentOptions>? configure = null) => Agent(configure, out _);

    private ScopedConversations Agent(Action<AgentOptions>? configure, out ConversationManager manager) => (manager = new ConversationManager(
        Store,
        new ConversationOptions().AddAgent("words", agent =>
        {
            (agent.TokenCounter, agent.TokenLimit, agent.HistoryLimit) = (Words, Limit, 200);
            configure?.Invoke(agent);
        }),
        Time,
        Log)).ForIdentity(ConversationIdentity.ForUser("alice"));
}

public sealed class TooLargeTestsInMemory : TooLargeTests<InMemory>;

public sealed class TooLargeTestsOnSqlite : TooLargeTests<Sqlite>;
