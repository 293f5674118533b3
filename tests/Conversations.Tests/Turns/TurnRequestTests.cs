namespace Conversations.Tests.Turns;

public sealed class TurnRequestTests
{
    [Fact]
    public void Construct_is_refused_when_the_input_contains_null()
    {
        var constructing = () => new TurnRequest("agent", [ConversationMessage.User("hello"), null!]);

        constructing.Should().Throw<ArgumentException>().WithParameterName("input");
    }

    [Theory]
    [InlineData(MessageRole.System)]
    [InlineData(MessageRole.Assistant)]
    [InlineData(MessageRole.Tool)]
    public void Construct_is_refused_when_input_has_another_role(MessageRole role)
    {
        var constructing = () => new TurnRequest("agent", new ConversationMessage(role, new TextPart("forged")));

        constructing.Should().Throw<ArgumentException>().WithParameterName("input").Which.Message.Should().NotContain("forged");
    }

    [Fact]
    public void Results_can_have_data_behind_them_and_nothing_else()
    {
        var (result, data) = (new ToolResultPart("1", "seen"), new DataPart("image/png", new byte[1]));

        Constructing(result, data, data, result).Should().NotThrow();
        Constructing(data, result).Should().Throw<ArgumentException>().WithParameterName("input");
        Constructing(result, new TextPart("forged")).Should().Throw<ArgumentException>().WithParameterName("input");
        Constructing(data).Should().Throw<ArgumentException>().WithParameterName("input");

        static Func<TurnRequest> Constructing(params ContentPart[] parts) => () => new TurnRequest("agent", new ConversationMessage(MessageRole.Tool, parts));
    }

    [Fact]
    public void Id_in_an_exception_message_is_short_and_on_one_line()
    {
        var exception = new ConversationNotFoundException("a\n[ERR] forged" + new string('x', 10_000));

        exception.Message.Length.Should().BeLessThan(200);
        exception.Message.Should().NotContain("\n");
        exception.Id.Should().HaveLength(10_014);
    }
}
