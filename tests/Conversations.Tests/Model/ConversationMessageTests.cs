namespace Conversations.Tests.Model;

public sealed class ConversationMessageTests
{
    private const string Secret = "secret-content";

    private static readonly ContentPart Text = new TextPart("t");
    private static readonly ContentPart Raw = new RawPart("""{"type":"image"}""");
    private static readonly ContentPart Result = new ToolResultPart("c1", "ok");
    private static readonly ContentPart Call = new ToolCallPart("c1", "lookup", "{}");
    private static readonly ContentPart Error = new ErrorPart("broken");

    [Fact]
    public void Author_is_as_long_as_a_user_id_can_be()
    {
        var longest = new string('a', 1_024);

        (ConversationMessage.User("one") with { AuthorName = longest }).AuthorName.Should().Be(longest);
        FluentActions.Invoking(() => ConversationMessage.User("one") with { AuthorName = longest + "a" }).Should().Throw<ArgumentException>().WithParameterName("AuthorName").Which.Message.Should().NotContain("aaa");
    }

    [Fact]
    public void Kind_is_that_of_the_strongest_part_in_any_order()
    {
        new ConversationMessage(MessageRole.User, Text, Raw).Kind.Should().Be(MessageKind.Message);
        new ConversationMessage(MessageRole.Tool, Text, Result, Raw).Kind.Should().Be(MessageKind.ToolResult);
        new ConversationMessage(MessageRole.Assistant, Result, Call).Kind.Should().Be(MessageKind.ToolCall);
        new ConversationMessage(MessageRole.Assistant, Call, Result).Kind.Should().Be(MessageKind.ToolCall);
        new ConversationMessage(MessageRole.Assistant, Error, Call, Result, Text).Kind.Should().Be(MessageKind.Error);
        new ConversationMessage(MessageRole.Assistant, Text, Result, Call, Error).Kind.Should().Be(MessageKind.Error);
    }

    [Fact]
    public void Factory_methods_set_role_and_kind()
    {
        ConversationMessage.User("x").Should().Match<ConversationMessage>(m => m.Role == MessageRole.User && m.Kind == MessageKind.Message);
        ConversationMessage.Assistant("x").Role.Should().Be(MessageRole.Assistant);
        ConversationMessage.System("x").Role.Should().Be(MessageRole.System);
        ConversationMessage.ToolCall("c1", "lookup", "{}").Should().Match<ConversationMessage>(m => m.Role == MessageRole.Assistant && m.Kind == MessageKind.ToolCall);
        ConversationMessage.ToolResult("c1", "ok").Should().Match<ConversationMessage>(m => m.Role == MessageRole.Tool && m.Kind == MessageKind.ToolResult);
        ConversationMessage.Error("broken", "E1").Parts.Should().Equal(new ErrorPart("broken") { Code = "E1" });
    }

    [Fact]
    public void Text_joins_the_text_parts_and_nothing_else()
    {
        var message = new ConversationMessage(MessageRole.Assistant, new TextPart("a"), Call, new ReasoningPart("thought"), new TextPart("b"));

        message.Text.Should().Be("ab");
        ConversationMessage.ToolResult("c1", "ok").Text.Should().BeEmpty();
    }

    [Fact]
    public void Messages_are_equal_when_all_their_properties_are()
    {
        var message = Stored();

        Stored().Should().Be(message);
        Stored().GetHashCode().Should().Be(message.GetHashCode());
    }

    [Fact]
    public void Messages_differ_when_any_property_does()
    {
        var message = Stored();

        StoredMessage[] others =
        [
            message with { ConversationId = "conv_b" },
            message with { Position = 8 },
            message with { RunNumber = 4 },
            message with { IsPartial = true },
            message with { SupersededBy = 4 },
            message with { Tokens = new TokenAmount(1, "counter") },
            message with { Metadata = "{}" },
            Placed(new ConversationMessage(MessageRole.Assistant, new TextPart("t") { Metadata = "{}" }, Call)),
            message with { CreatedAt = message.CreatedAt!.Value.AddTicks(1) },
            Placed(new ConversationMessage(MessageRole.User, Text, Call)),
            Placed(new ConversationMessage(MessageRole.Assistant, Call, Text)),
            Placed(new ConversationMessage(MessageRole.Assistant, Text)),
            Placed(new ConversationMessage(MessageRole.Assistant, new TextPart("T"), Call)),
        ];

        others.Should().AllSatisfy(other => other.Equals(message).Should().BeFalse());
        message.Equals(null).Should().BeFalse();
    }

    [Fact]
    public void Equals_returns_false_when_one_of_two_equal_messages_is_stored()
    {
        var message = ConversationMessage.User("x");
        var stored = new StoredMessage(message) { ConversationId = "conv_a", Position = 1 };

        message.Equals(stored).Should().BeFalse();
        stored.Equals(message).Should().BeFalse();
        stored.Content().Should().Be(message);
    }

    [Fact]
    public void StoredMessage_refuses_null()
    {
        var creation = () => new StoredMessage(null!) { ConversationId = "conv_a", Position = 1 };

        creation.Should().Throw<ArgumentNullException>().WithParameterName("message");
    }

    [Fact]
    public void Parts_are_copied()
    {
        var parts = new List<ContentPart> { Text };
        var message = new ConversationMessage(MessageRole.User, parts);

        parts[0] = Error;
        parts.Add(Call);

        message.Parts.Should().Equal(Text);
        message.Kind.Should().Be(MessageKind.Message);
    }

    [Fact]
    public void Parts_cannot_be_written_to()
    {
        var parts = (IList<ContentPart>)ConversationMessage.User("x").Parts;

        var act = () => parts[0] = Error;

        act.Should().Throw<NotSupportedException>();
    }

    [Fact]
    public void Message_refuses_no_parts_a_null_part_and_an_unknown_role()
    {
        FluentActions.Invoking(() => new ConversationMessage(MessageRole.User)).Should().Throw<ArgumentException>().WithParameterName("parts");
        FluentActions.Invoking(() => new ConversationMessage(MessageRole.User, [null!])).Should().Throw<ArgumentException>().WithParameterName("parts");
        FluentActions.Invoking(() => new ConversationMessage((MessageRole)4, Text)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("role");
        FluentActions.Invoking(() => new ConversationMessage((MessageRole)(-1), Text)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("role");
    }

    [Fact]
    public void Ids_come_from_conversation_and_number()
    {
        var message = Stored();

        message.Id.Should().Be("msg_a_7");
        message.RunId.Should().Be("run_a_3");
        (message with { RunNumber = null }).RunId.Should().BeNull();
        ConversationMessage.User("x").Id.Should().BeNull();
    }

    [Fact]
    public void ToString_of_a_message_and_of_every_part_has_no_content()
    {
        ContentPart[] parts =
        [
            new TextPart(Secret) { Metadata = $$"""{"v":"{{Secret}}"}""" },
            new ReasoningPart(Secret) { ProtectedData = Secret },
            new ToolCallPart(Secret, Secret, Secret),
            new ToolResultPart(Secret, Secret) { Name = Secret },
            new ErrorPart(Secret) { Code = Secret },
            new RawPart($$"""{"type":"x","url":"{{Secret}}"}"""),
        ];

        var texts = parts.Select(part => part.ToString()).Append(new ConversationMessage(MessageRole.Assistant, parts) { Metadata = $$"""{"v":"{{Secret}}"}""" }.ToString());

        texts.Should().AllSatisfy(text => text.Should().NotBeNullOrEmpty().And.NotContain(Secret));
    }

    private static StoredMessage Stored() => Placed(new ConversationMessage(MessageRole.Assistant, Text, Call));

    private static StoredMessage Placed(ConversationMessage message) => message.StoredAt("conv_a", 7, 3) with { CreatedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero) };
}
