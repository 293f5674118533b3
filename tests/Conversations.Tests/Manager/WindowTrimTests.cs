namespace Conversations.Tests.Manager;

/// <summary>Windows that stay: where they begin, from turn to turn.</summary>
public abstract class WindowTrimTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    /// <summary>A word is a token: with the allowances, a message of n words costs n + 4.</summary>
    private static readonly CountingCounter Words = new("words");

    [Fact]
    public async Task Prompt_grows_to_the_limit_and_is_then_cut_back_to_about_half()
    {
        var alice = Agent(_ => { });
        var sizes = new List<int>();
        for (var i = 1; i <= 40; i++)
            await alice.RunTurnAsync("words", $"q{i}", (turn, _) => Add(turn, sizes, $"a{i}"), Cancellation);

        sizes.Take(10).Should().Equal(1, 3, 5, 7, 9, 11, 13, 15, 17, 19);
        sizes.Skip(10).Should().Equal(Enumerable.Range(0, 30).Select(i => 11 + (2 * (i % 5))));
    }

    [Fact]
    public async Task Prompt_begins_with_the_prompt_before_it_until_the_window_is_cut()
    {
        var alice = Agent(_ => { });
        var cuts = 0;
        List<string> last = [];
        for (var i = 1; i <= 40; i++)
        {
            await alice.RunTurnAsync("words", $"q{i}", (turn, _) =>
            {
                var prompt = turn.Prompt.Select(message => message.Text).ToList();
                cuts += prompt.Take(last.Count).SequenceEqual(last) ? 0 : 1;
                last = prompt;
                return Task.FromResult(turn.Add(ConversationMessage.Assistant($"a{i}")));
            }, Cancellation);
        }

        cuts.Should().Be(6);
    }

    [Fact]
    public async Task Window_begins_at_the_same_message_in_another_process()
    {
        var alice = Agent(_ => { });
        await TalkAsync(alice, 13);

        await using var turn = await Agent(_ => { }).BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        turn.Window.FirstPosition.Should().Be(11);
        turn.Window.Excluded.Should().Equal(new ExcludedRange(ExclusionReason.Trimmed, 1, 10));
        turn.Window.ToString().Should().Contain("Positions 1 to 10 are left out: the window was cut back, so that the beginning of the next prompts is the same.");
    }

    [Fact]
    public async Task Run_states_where_its_window_began()
    {
        var alice = Agent(_ => { });
        var first = await alice.RunTurnAsync("words", "q0", Say("a0"), Cancellation);
        await TalkAsync(alice, 12);

        var last = await alice.RunTurnAsync("words", "last", Say("yes"), Cancellation);

        (await alice.GetRunAsync(first.RunId!, Cancellation))!.WindowStart.Should().BeNull("it showed no history");
        (await alice.GetRunAsync(last.RunId!, Cancellation))!.WindowStart.Should().Be(11);
    }

    [Fact]
    public async Task Window_never_exceeds_the_token_limit_and_is_cut_to_about_half_of_it()
    {
        var alice = Agent(agent => (agent.HistoryLimit, agent.TokenLimit) = (1_000, 108));
        var tokens = new List<int>();
        for (var i = 1; i <= 30; i++)
        {
            await alice.RunTurnAsync("words", "question", (turn, _) =>
            {
                tokens.Add(turn.Window.Tokens.Count);
                return Task.FromResult(turn.Add(ConversationMessage.Assistant("answer")));
            }, Cancellation);
        }

        // 3 for the prompt, 5 for each message: the history has room for 20 messages, the input not counted.
        tokens.Max().Should().Be(108);
        tokens.Skip(11).Take(6).Should().Equal(58, 68, 78, 88, 98, 108);
    }

    [Fact]
    public async Task Window_slides_when_the_agent_keeps_all_that_fits()
    {
        var alice = Agent(agent => agent.HistoryTrim = 1);
        await TalkAsync(alice, 15);

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        turn.Window.FirstPosition.Should().Be(13);
        turn.Window.Excluded.Should().Equal(new ExcludedRange(ExclusionReason.MessageLimit, 1, 11), new ExcludedRange(ExclusionReason.ExchangeCut, 12, 12));
    }

    [Fact]
    public async Task Request_with_its_own_limit_leaves_where_the_next_window_begins()
    {
        var alice = Agent(_ => { });
        await TalkAsync(alice, 13);
        await alice.RunTurnAsync(new TurnRequest("words", "short") { HistoryLimit = 4 }, Say("yes"), Cancellation);

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        turn.Window.FirstPosition.Should().Be(11);
    }

    [Fact]
    public async Task Second_answer_sees_the_window_of_the_first()
    {
        var alice = Agent(_ => { });
        await TalkAsync(alice, 12);
        var asked = await alice.RunTurnAsync("words", "why?", Say("because"), Cancellation);
        IReadOnlyList<string> prompt = [];

        await alice.RegenerateAsync(asked.ReplyMessageId!, (turn, _) =>
        {
            prompt = [.. turn.Prompt.Select(message => message.Text)];
            return Task.FromResult(turn.Add(ConversationMessage.Assistant("so")));
        }, Cancellation);

        prompt[0].Should().Be("q6");
        prompt[^1].Should().Be("why?");
        await using var next = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);
        next.Window.FirstPosition.Should().Be(11);
    }

    [Fact]
    public async Task Second_answer_to_an_old_message_sees_what_precedes_it()
    {
        var alice = Agent(_ => { });
        var results = await TalkAsync(alice, 30);
        IReadOnlyList<string> prompt = [];

        await alice.RegenerateAsync(results[9].ReplyMessageId!, (turn, _) =>
        {
            prompt = [.. turn.Prompt.Select(message => message.Text)];
            return Task.FromResult(turn.Add(ConversationMessage.Assistant("so")));
        }, Cancellation);

        prompt.Should().Equal(["q1", "a1", "q2", "a2", "q3", "a3", "q4", "a4", "q5", "a5", "q6", "a6", "q7", "a7", "q8", "a8", "q9", "a9", "q10"]);
    }

    [Fact]
    public async Task Window_shows_older_messages_again_when_newer_ones_were_deleted()
    {
        var alice = Agent(_ => { });
        var results = await TalkAsync(alice, 12);
        foreach (var message in results.Skip(5).SelectMany(result => new[] { result.InputMessageId!, result.ReplyMessageId! }))
            await alice.DeleteMessageAsync(message, Cancellation);

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        turn.History.Select(message => message.Text).Should().Equal("q1", "a1", "q2", "a2", "q3", "a3", "q4", "a4", "q5", "a5");
    }

    [Theory]
    [InlineData(12)]
    [InlineData(200)]
    public async Task Question_stays_in_the_window_when_its_turn_calls_many_tools(int calls)
    {
        var alice = Agent(_ => { });
        await TalkAsync(alice, 3);
        await alice.RunTurnAsync("words", "the question", (turn, _) =>
        {
            for (var i = 1; i <= calls; i++)
            {
                turn.Add(ConversationMessage.ToolCall($"{i}", "look", "{}"));
                turn.Add(ConversationMessage.ToolResult($"{i}", $"seen {i}"));
            }

            return Task.FromResult(turn.Add(ConversationMessage.Assistant("the answer")));
        }, Cancellation);

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        turn.History[0].Text.Should().Be("the question");
        turn.History[1].Kind.Should().Be(MessageKind.ToolCall);
        turn.History[^1].Text.Should().Be("the answer");
        turn.History.Should().HaveCountLessThanOrEqualTo(19).And.HaveCountGreaterThan(8);
        turn.Window.FirstPosition.Should().Be(7);
        turn.Window.Excluded.Sum(range => range.To - range.From + 1).Should().Be(8 + (2 * calls) - turn.History.Count);
    }

    [Fact]
    public async Task Question_stays_in_the_window_when_each_call_is_a_turn()
    {
        var alice = Agent(_ => { });
        await TalkAsync(alice, 3);
        await alice.RunTurnAsync("words", "the question", (turn, _) => Task.FromResult(turn.Add(ConversationMessage.ToolCall("0", "look", "{}"))), Cancellation);
        var cuts = 0;
        List<string?> last = [];
        for (var i = 0; i < 60; i++)
        {
            await alice.RunTurnAsync(new TurnRequest("words", ConversationMessage.ToolResult($"{i}", "seen")), (turn, _) =>
            {
                var prompt = turn.Prompt.Select(message => message.Id).ToList();
                turn.Prompt.Should().HaveCountLessThanOrEqualTo(20);
                turn.Prompt.Should().Contain(message => message.Text == "the question");
                cuts += prompt.Take(last.Count).SequenceEqual(last) ? 0 : 1;
                last = prompt;
                return Task.FromResult(turn.Add(ConversationMessage.ToolCall($"{i + 1}", "look", "{}")));
            }, Cancellation);
        }

        cuts.Should().BeInRange(6, 16, "the window is cut each time it is full, and stays in between");
    }

    [Fact]
    public async Task Result_that_is_too_large_is_left_out_alone()
    {
        var alice = Agent(agent => agent.TokenLimit = 100);
        await TalkAsync(alice, 2);
        var failing = () => alice.RunTurnAsync("words", "read it", (turn, _) =>
        {
            turn.Add(ConversationMessage.ToolCall("1", "read", "{}"));
            turn.Add(ConversationMessage.ToolResult("1", string.Join(' ', Enumerable.Repeat("word", 500))));
            return Task.FromResult(turn.Prompt);
        }, Cancellation);
        await failing.Should().ThrowAsync<PromptTooLargeException>();

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "and now?"), Cancellation);

        turn.Prompt.Select(message => message.Kind == MessageKind.Message ? message.Text : message.Kind.ToString())
            .Should().Equal("q1", "a1", "q2", "a2", "read it", "ToolCall", "ToolResult", "and now?");
        turn.Prompt[6].Parts.Should().ContainSingle().Which.Should().BeEquivalentTo(new { CallId = "1", Content = "The result is too large to be shown.", IsError = true });
        turn.Window.Excluded.Should().Equal(new ExcludedRange(ExclusionReason.TooLarge, 7, 7));
    }

    [Theory]
    [InlineData(20, 0)]
    [InlineData(30, 5)]
    [InlineData(80, 5)]
    [InlineData(500, 5)]
    public async Task Results_that_are_too_large_together_are_left_out_and_what_precedes_them_is_shown(int words, int leftOut)
    {
        var alice = Agent(agent => agent.TokenLimit = 250);
        await TalkAsync(alice, 2);
        var reading = () => alice.RunTurnAsync("words", "read them", (turn, _) =>
        {
            turn.Add(new ConversationMessage(MessageRole.Assistant, Enumerable.Range(1, 5).Select(i => new ToolCallPart($"{i}", "read", "{}"))));
            for (var i = 1; i <= 5; i++)
                turn.Add(ConversationMessage.ToolResult($"{i}", string.Join(' ', Enumerable.Repeat("word", words))));
            return Task.FromResult(turn.Prompt);
        }, Cancellation);
        if (leftOut > 0)
            await reading.Should().ThrowAsync<PromptTooLargeException>();
        else
            await reading();

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "and now?"), Cancellation);

        turn.Prompt.Select(message => message.Kind == MessageKind.Message ? message.Text : message.Kind.ToString()).Should().Equal(
            "q1", "a1", "q2", "a2", "read them", "ToolCall", "ToolResult", "ToolResult", "ToolResult", "ToolResult", "ToolResult", "and now?");
        turn.Prompt.SelectMany(message => message.Parts).OfType<ToolResultPart>().Count(result => result.Content == "The result is too large to be shown.").Should().Be(leftOut);
        turn.Window.Excluded.Should().Equal(Enumerable.Range(7, leftOut).Select(position => new ExcludedRange(ExclusionReason.TooLarge, position, position)));
    }

    [Fact]
    public async Task Answer_is_committed_when_it_exceeds_the_token_limit()
    {
        var alice = Agent(agent => agent.TokenLimit = 100);
        await TalkAsync(alice, 2);

        var asked = await alice.RunTurnAsync("words", "tell me", Say(string.Join(' ', Enumerable.Repeat("word", 500))), Cancellation);

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("words", "and now?"), Cancellation);
        turn.History.Select(message => message.Text).Should().Equal("q1", "a1", "q2", "a2", "tell me");
        turn.Window.Excluded.Should().Equal(new ExcludedRange(ExclusionReason.TooLarge, 6, 6));
        (await alice.GetMessagesAsync(asked.ConversationId!, cancellationToken: Cancellation).CountAsync(Cancellation)).Should().Be(7, "everything is stored");
    }

    private static Task<ConversationMessage> Add(ConversationTurn turn, List<int> sizes, string answer)
    {
        sizes.Add(turn.Prompt.Count);
        return Task.FromResult(turn.Add(ConversationMessage.Assistant(answer)));
    }

    private static async Task<IReadOnlyList<TurnResult>> TalkAsync(ScopedConversations caller, int turns)
    {
        var results = new List<TurnResult>();
        for (var i = 1; i <= turns; i++)
            results.Add(await caller.RunTurnAsync("words", $"q{i}", Say($"a{i}"), Cancellation));
        return results;
    }

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

public sealed class WindowTrimTestsInMemory : WindowTrimTests<InMemory>;

public sealed class WindowTrimTestsOnSqlite : WindowTrimTests<Sqlite>;
