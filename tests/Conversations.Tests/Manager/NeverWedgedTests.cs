namespace Conversations.Tests.Manager;

/// <summary>What a prompt shows after a model stopped, failed or refused: nothing that is stored makes later requests fail.</summary>
public abstract class NeverWedgedTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private const string Model = "claude-sonnet-4-5";

    private static readonly ReasoningPart Signed = new("thinking") { ProtectedData = "signature" };
    private static readonly ReasoningPart Unsigned = new("cut o");
    private static readonly RawPart Bound = new("""{"type":"provider_item","model_bound":true}""");

    [Fact]
    public async Task Prompt_leaves_out_reasoning_that_was_cut_off()
    {
        await StopAsync("why?", new ConversationMessage(MessageRole.Assistant, Unsigned));

        (await PromptAsync("again", Model)).Select(message => message.Text).Should().Equal("why?", "again");
        (await ExcludedAsync()).Should().Contain(new ExcludedRange(ExclusionReason.NothingToShow, 2, 2));
        (await StoredAsync())[1].Parts.Should().Equal([Unsigned], "people can read it");
    }

    [Fact]
    public async Task Prompt_leaves_out_reasoning_alone_although_it_is_signed()
    {
        await StopAsync("why?", new ConversationMessage(MessageRole.Assistant, Signed), Model);

        (await PromptAsync("again", Model)).Select(message => message.Text).Should().Equal("why?", "again");
    }

    [Fact]
    public async Task Prompt_leaves_out_reasoning_at_the_end_of_an_answer()
    {
        await StopAsync("why?", new ConversationMessage(MessageRole.Assistant, Signed, new TextPart("Because"), Signed), Model);

        (await PromptAsync("again", Model))[1].Parts.Should().Equal(Signed, new TextPart("Because"));
    }

    [Fact]
    public async Task Prompt_shows_reasoning_that_its_own_message_follows()
    {
        await Alice.RunTurnAsync(Bot, "why?", (turn, _) =>
        {
            turn.Model = Model;
            turn.Add(new ConversationMessage(MessageRole.Assistant, Signed));
            return Task.FromResult(turn.Add(ConversationMessage.Assistant("because")));
        }, Cancellation);

        (await PromptAsync("again", Model)).Select(message => message.Parts.Count).Should().Equal(1, 1, 1, 1);
        (await PromptAsync("again", Model))[1].Parts.Should().Equal(Signed);
    }

    [Theory]
    [InlineData(Model, Model, true)]
    [InlineData("claude-sonnet-4-5-20250929", Model, true)]
    [InlineData(Model, "claude-sonnet-4-5-20250929", true)]
    [InlineData(Model, "claude-opus-4-1", false)]
    [InlineData("claude-sonnet-4-5-20250929", "claude-sonnet-4-5-20251101", false)]
    [InlineData(Model, null, false)]
    [InlineData(null, Model, false)]
    [InlineData(null, null, false)]
    public async Task Prompt_shows_protected_reasoning_and_items_to_the_model_of_their_run_alone(string? wrote, string? reads, bool shown)
    {
        await AnswerAsync("why?", new ConversationMessage(MessageRole.Assistant, Signed, Bound, new TextPart("because")), wrote);

        var parts = (await PromptAsync("again", reads))[1].Parts;

        parts.Should().Equal(shown ? [Signed, Bound, new TextPart("because")] : [new TextPart("because")]);
    }

    [Fact]
    public async Task Prompt_leaves_out_message_of_which_another_model_can_read_nothing()
    {
        await AnswerAsync("why?", new ConversationMessage(MessageRole.Assistant, Signed, Bound), Model);

        (await PromptAsync("again", "other")).Select(message => message.Text).Should().Equal("why?", "again");
    }

    [Fact]
    public async Task Prompt_shows_reasoning_of_the_turn_itself_whatever_its_model()
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "why?"), Cancellation);

        turn.Add(new ConversationMessage(MessageRole.Assistant, Signed, Unsigned, new ToolCallPart("1", "look", "{}")));

        turn.Prompt[^1].Parts.Should().Equal(Signed, new ToolCallPart("1", "look", "{}"));
    }

    [Fact]
    public async Task Prompt_leaves_out_imported_reasoning_because_no_run_names_its_model()
    {
        await Manager.ImportAsync(new ConversationImport(Bot, [ConversationMessage.User("why?"), new ConversationMessage(MessageRole.Assistant, Signed, new TextPart("because"))]) { Identity = ConversationIdentity.ForUser("alice") }, Cancellation);

        (await PromptAsync("again", Model))[1].Parts.Should().Equal(new TextPart("because"));
    }

    [Fact]
    public async Task Prompt_leaves_out_blank_texts_and_messages_with_nothing_else()
    {
        await AnswerAsync("look", new ConversationMessage(MessageRole.Assistant, new TextPart(" \n"), new ToolCallPart("1", "look", "{}")), Model);
        await Alice.RunTurnAsync(new TurnRequest(Bot, ConversationMessage.ToolResult("1", "")), (turn, _) => Task.FromResult(turn.Add(ConversationMessage.Assistant("  "))), Cancellation);

        var prompt = await PromptAsync("again", Model);

        prompt.Select(message => message.Kind).Should().Equal(MessageKind.Message, MessageKind.ToolCall, MessageKind.ToolResult, MessageKind.Message);
        prompt[1].Parts.Should().Equal(new ToolCallPart("1", "look", "{}"));
    }

    [Fact]
    public void Request_with_blank_input_is_refused()
    {
        var blank = () => new TurnRequest(Bot, " \n");
        var several = () => new TurnRequest(Bot, ConversationMessage.User(""), ConversationMessage.User(" "));

        blank.Should().Throw<ArgumentException>().WithParameterName("text");
        several.Should().Throw<ArgumentException>().WithParameterName("input");
        new TurnRequest(Bot, ConversationMessage.User(" "), ConversationMessage.User("why?")).Input.Should().HaveCount(2);
    }

    [Fact]
    public async Task Unsigned_reasoning_costs_nothing()
    {
        await AnswerAsync("why?", new ConversationMessage(MessageRole.Assistant, new ReasoningPart(new string('x', 10_000)), new TextPart("because")), Model);

        (await StoredAsync())[1].Tokens!.Value.Count.Should().BeLessThan(10);
    }

    [Fact]
    public async Task Refused_input_is_shown_until_another_is_answered()
    {
        await AskAsync("hello", "hi");
        await FailAsync("bad");
        var retry = await PromptAsync("worse", Model);
        await FailAsync("worse");
        var after = await PromptAsync("good", Model);
        await AskAsync("good", "fine");

        retry.Select(message => message.Text).Should().Equal("hello", "hi", "bad", "worse");
        after.Select(message => message.Text).Should().Equal("hello", "hi", "worse", "good");
        (await PromptAsync("more", Model)).Select(message => message.Text).Should().Equal("hello", "hi", "good", "fine", "more");
        (await ExcludedAsync()).Where(range => range.Reason == ExclusionReason.FailedInput).Should().HaveCount(2);
        (await StoredAsync()).Select(message => message.Text).Should().Equal("hello", "hi", "bad", "worse", "good", "fine");
    }

    [Fact]
    public async Task Twenty_failed_inputs_do_not_push_out_the_history()
    {
        await AskAsync("hello", "hi");
        for (var i = 0; i < 30; i++)
            await FailAsync($"bad {i}");

        (await PromptAsync("good", Model)).Select(message => message.Text).Should().Equal("hello", "hi", "bad 29", "good");
    }

    [Fact]
    public async Task Answer_that_the_model_refused_is_left_out_with_its_input()
    {
        await Alice.RunTurnAsync(Bot, "bad", (turn, _) =>
        {
            turn.FinishReason = "content_filter";
            return Task.FromResult(turn.Add(ConversationMessage.Assistant("I cannot")));
        }, Cancellation);
        await AskAsync("good", "fine");

        (await PromptAsync("more", Model)).Select(message => message.Text).Should().Equal("good", "fine", "more");
    }

    private static Task<ConversationMessage> AddAsync(ConversationTurn turn, ConversationMessage message, string? model)
    {
        turn.Model = model;
        return Task.FromResult(turn.Add(message));
    }

    private Task<TurnResult> AnswerAsync(string question, ConversationMessage answer, string? model) =>
        Alice.RunTurnAsync(Bot, question, (turn, _) => AddAsync(turn, answer, model), Cancellation);

    private async Task StopAsync(string question, ConversationMessage answer, string? model = null)
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, question), Cancellation);
        await AddAsync(turn, answer, model);
    }

    private async Task FailAsync(string question)
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, question), Cancellation);
        await turn.FailAsync(new InvalidOperationException("refused"));
    }

    /// <summary>The prompt of a turn that is then removed, without the system prompt.</summary>
    private async Task<IReadOnlyList<ConversationMessage>> PromptAsync(string input, string? model) => (await ShowAsync(input, model)).Prompt;

    private async Task<IReadOnlyList<ExcludedRange>> ExcludedAsync() => (await ShowAsync("again", Model)).Window.Excluded;

    private async Task<(IReadOnlyList<ConversationMessage> Prompt, ContextWindow Window)> ShowAsync(string input, string? model)
    {
        var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, input), Cancellation);
        turn.Model = model;
        var shown = (turn.Prompt.Skip(1).ToList(), turn.Window);
        turn.History.Should().Equal(shown.Item1.SkipLast(1), "the history is the part of the prompt before the input");
        await turn.DisposeAsync();
        await Alice.DeleteMessageAsync(turn.Input[0].Id!, Cancellation);
        return shown;
    }

    private async Task<IReadOnlyList<StoredMessage>> StoredAsync() =>
        await Alice.GetMessagesAsync((await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation))!.Id, cancellationToken: Cancellation).ToListAsync(Cancellation);
}

public sealed class NeverWedgedTestsInMemory : NeverWedgedTests<InMemory>;

public sealed class NeverWedgedTestsOnSqlite : NeverWedgedTests<Sqlite>;
