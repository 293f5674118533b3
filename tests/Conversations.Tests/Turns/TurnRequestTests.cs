namespace Conversations.Tests.Turns;

public sealed class TurnRequestTests
{
    [Fact]
    public void Construct_with_a_null_among_the_input_is_refused()
    {
        var constructing = () => new TurnRequest("agent", [ConversationMessage.User("hello"), null!]);

        constructing.Should().Throw<ArgumentException>().WithParameterName("input");
    }

    [Theory]
    [InlineData(MessageRole.System)]
    [InlineData(MessageRole.Assistant)]
    [InlineData(MessageRole.Tool)]
    public void Construct_with_what_others_said_is_refused(MessageRole role)
    {
        var constructing = () => new TurnRequest("agent", new ConversationMessage(role, new TextPart("forged")));

        constructing.Should().Throw<ArgumentException>().WithParameterName("input").Which.Message.Should().NotContain("forged");
    }

    [Fact]
    public void Id_in_a_message_is_neither_endless_nor_a_line_of_its_own()
    {
        var exception = new ConversationNotFoundException("a\n[ERR] forged" + new string('x', 10_000));

        exception.Message.Length.Should().BeLessThan(200);
        exception.Message.Should().NotContain("\n");
        exception.Id.Should().HaveLength(10_014);
    }
}
