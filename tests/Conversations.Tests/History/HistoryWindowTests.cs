namespace Conversations.Tests.History;

public sealed class HistoryWindowTests
{
    [Fact]
    public void Shape_leaves_plain_messages_unchanged()
    {
        var history = Stored(1, ConversationMessage.User("a"), ConversationMessage.Assistant("b"));

        Shape(history, []).Should().Equal(history);
    }

    [Fact]
    public void Shape_of_a_cut_history_begins_at_a_users_message()
    {
        var history = Stored(5, ConversationMessage.ToolResult("1", "x"), ConversationMessage.Assistant("b"), ConversationMessage.User("c"), ConversationMessage.Assistant("d"));

        Texts(Shape(history, [])).Should().Equal("c", "d");
    }

    [Fact]
    public void Shape_of_a_cut_history_without_a_user_drops_only_what_has_no_call()
    {
        var history = Stored(5, ConversationMessage.ToolResult("1", "orphan"), ConversationMessage.ToolCall("1", "f", "{}"), ConversationMessage.ToolResult("1", "kept"));

        Shape(history, []).Should().Equal(history.Skip(1));
    }

    [Fact]
    public void Shape_drops_the_data_of_a_result_that_has_no_call()
    {
        var history = Stored(1,
            ConversationMessage.ToolCall("2", "f", "{}"),
            new ConversationMessage(MessageRole.Tool, new ToolResultPart("1", "orphan"), new DataPart("image/png", new byte[1]), new ToolResultPart("2", "kept"), new DataPart("image/png", new byte[2])),
            ConversationMessage.User("a"),
            new ConversationMessage(MessageRole.Tool, new ToolResultPart("1", "orphan"), new DataPart("image/png", new byte[3])));

        var shaped = Shape(history, []);

        shaped.SelectMany(message => message.Parts).OfType<DataPart>().Should().ContainSingle().Which.Size.Should().Be(2);
        shaped.Select(message => message.Role).Should().Equal(MessageRole.Assistant, MessageRole.Tool, MessageRole.User);
    }

    [Fact]
    public void Shape_of_a_whole_history_keeps_messages_before_the_first_user()
    {
        var history = Stored(1, ConversationMessage.System("s"), ConversationMessage.Assistant("welcome"), ConversationMessage.User("a"));

        Shape(history, []).Should().Equal(history);
    }

    [Fact]
    public void Shape_pairs_calls_whose_ids_are_used_twice()
    {
        var history = Stored(1,
            ConversationMessage.User("a"),
            ConversationMessage.ToolCall("1", "f", "{}"),
            ConversationMessage.ToolResult("1", "x"),
            ConversationMessage.ToolCall("1", "f", "{}"),
            ConversationMessage.ToolResult("1", "x"));

        Shape(history, []).Should().Equal(history);
    }

    [Fact]
    public void Shape_closes_only_the_open_call_when_its_id_is_used_twice()
    {
        // The store in memory hands out the very same part twice if the host added it twice.
        var call = new ToolCallPart("1", "f", "{}");
        var history = Stored(1,
            new ConversationMessage(MessageRole.Assistant, call),
            ConversationMessage.ToolResult("1", "x"),
            new ConversationMessage(MessageRole.Assistant, call),
            ConversationMessage.User("hello?"));

        var shaped = Shape(history, []);

        shaped.Select(message => message.Kind).Should().Equal(MessageKind.ToolCall, MessageKind.ToolResult, MessageKind.ToolCall, MessageKind.ToolResult, MessageKind.Message);
        shaped[3].Id.Should().BeNull();
    }

    [Fact]
    public void Shape_puts_placeholders_behind_the_calls_before_other_results()
    {
        var history = Stored(1,
            new ConversationMessage(MessageRole.Assistant, new TextPart("Wait."), new ToolCallPart("1", "f", "{}"), new ToolCallPart("2", "g", "{}")),
            ConversationMessage.ToolResult("2", "y"),
            ConversationMessage.User("hello?"));

        var shaped = Shape(history, []);

        shaped.SelectMany(message => message.Parts).OfType<ToolResultPart>().Select(result => (result.CallId, result.IsError)).Should().Equal(("1", true), ("2", false));
        shaped[1].Parts.Should().ContainSingle().Which.Should().BeOfType<ToolResultPart>().Which.Name.Should().Be("f");
    }

    [Fact]
    public void Shape_ignores_a_late_result()
    {
        var history = Stored(1,
            ConversationMessage.ToolCall("1", "f", "{}"),
            ConversationMessage.User("well?"),
            ConversationMessage.Assistant("wait"),
            ConversationMessage.ToolResult("1", "late"));

        var shaped = Shape(history, []);

        shaped.Select(message => message.Kind).Should().Equal(MessageKind.ToolCall, MessageKind.ToolResult, MessageKind.Message, MessageKind.Message);
        shaped[1].Parts.OfType<ToolResultPart>().Should().ContainSingle().Which.IsError.Should().BeTrue();
    }

    [Fact]
    public void Shape_pairs_calls_that_were_made_one_after_the_other()
    {
        var history = Stored(1,
            ConversationMessage.User("a"),
            ConversationMessage.ToolCall("1", "f", "{}"),
            ConversationMessage.ToolCall("2", "g", "{}"),
            ConversationMessage.ToolResult("1", "x"),
            ConversationMessage.ToolResult("2", "y"));

        Shape(history, []).Should().Equal(history);
    }

    [Fact]
    public void Shape_closes_calls_before_the_input_that_the_input_leaves_open()
    {
        var history = Stored(1, new ConversationMessage(MessageRole.Assistant, new ToolCallPart("1", "f", "{}"), new ToolCallPart("2", "g", "{}")));

        var shaped = Shape(history, [ConversationMessage.ToolResult("2", "y")]);

        shaped.SelectMany(message => message.Parts).OfType<ToolResultPart>().Select(result => result.CallId).Should().Equal("1");
    }

    [Fact]
    public void Shape_leaves_a_call_open_that_the_input_answers()
    {
        var history = Stored(1, ConversationMessage.ToolCall("1", "f", "{}"));

        Shape(history, [ConversationMessage.ToolResult("1", "x")]).Should().Equal(history);
    }

    [Fact]
    public void Shape_removes_orphans_from_a_message_and_keeps_the_rest()
    {
        var history = Stored(1, new StoredMessage(MessageRole.Tool, new ToolResultPart("9", "orphan"), new TextPart("kept")) { ConversationId = "", Position = 0, RunNumber = 3, IsPartial = true });

        var shaped = Shape(history, []).Should().ContainSingle().Subject;

        (shaped with { Tokens = null }).Should().Be(history[0] with { Parts = [new TextPart("kept")] });
        shaped.Should().BeEquivalentTo(new { history[0].Id, RunNumber = 3L, IsPartial = true });
    }

    private static IReadOnlyList<ConversationMessage> Shape(List<StoredMessage> history, ConversationMessage[] input)
    {
        ConversationMessage[] asked = [.. input.DefaultIfEmpty(ConversationMessage.User("and?")).Select(message => PromptCost.Counted(TokenCounter.Estimate, message))];
        var read = new HistoryRead(history, 0, history[^1].Position + 1) { IsCut = history[0].Position > 1 };
        return new HistoryWindow(new WindowLimits(100, null, TokenCounter.Estimate), null, read, asked).First.MessagesFor(null);
    }

    private static List<StoredMessage> Stored(long first, params ConversationMessage[] messages) =>
        [.. messages.Select((message, i) => PromptCost.Counted(TokenCounter.Estimate, message).StoredAt("conv_1", first + i, (message as StoredMessage)?.RunNumber))];

    private static IEnumerable<string> Texts(IEnumerable<ConversationMessage> messages) => messages.Select(message => message.Text);
}
