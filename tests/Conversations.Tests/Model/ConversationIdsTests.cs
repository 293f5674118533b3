namespace Conversations.Tests.Model;

public sealed class ConversationIdsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void NewConversation_gives_another_id_each_time_in_the_order_of_time()
    {
        var first = ConversationIds.NewConversation(Now);
        var second = ConversationIds.NewConversation(Now);
        var later = ConversationIds.NewConversation(Now.AddMilliseconds(1));

        first.Should().MatchRegex("^conv_[0-9a-f]{32}$").And.NotBe(second);
        string.CompareOrdinal(later, first).Should().BePositive();
        string.CompareOrdinal(later, second).Should().BePositive();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_000_000)]
    [InlineData(long.MaxValue)]
    public void Ids_parse_back(long number)
    {
        var conversation = ConversationIds.NewConversation(Now);

        ConversationIds.TryParseMessage(ConversationIds.Message(conversation, number), out var ofMessage, out var position).Should().BeTrue();
        ConversationIds.TryParseRun(ConversationIds.Run(conversation, number), out var ofRun, out var run).Should().BeTrue();

        ofMessage.Should().Be(conversation);
        position.Should().Be(number);
        ofRun.Should().Be(conversation);
        run.Should().Be(number);
    }

    [Theory]
    [InlineData("")]
    [InlineData("_")]
    [InlineData("msg")]
    [InlineData("msg_")]
    [InlineData("msg_1")]
    [InlineData("msg__1")]
    [InlineData("msg_a")]
    [InlineData("msg_a_")]
    [InlineData("msg_a_0")]
    [InlineData("msg_a_-1")]
    [InlineData("msg_a_+1")]
    [InlineData("msg_a_007")]
    [InlineData("msg_a_ 1")]
    [InlineData("msg_a_1 ")]
    [InlineData("msg_a_1.0")]
    [InlineData("msg_a_1,000")]
    [InlineData("msg_a_\u0661")]
    [InlineData("msg_a_9223372036854775808")]
    [InlineData("MSG_a_1")]
    [InlineData("run_a_1")]
    [InlineData("conv_a_1")]
    public void Parse_of_a_message_id_accepts_only_the_canonical_spelling(string id)
    {
        ConversationIds.TryParseMessage(id, out _, out _).Should().BeFalse();
    }

    [Theory]
    [InlineData("msg_a_1")]
    [InlineData("run_a_01")]
    [InlineData("run_a")]
    public void Parse_of_a_run_id_accepts_only_the_canonical_spelling(string id)
    {
        ConversationIds.TryParseRun(id, out _, out _).Should().BeFalse();
    }

    [Fact]
    public void Id_of_a_conversation_with_underscores_is_parsed_at_the_last_one()
    {
        ConversationIds.TryParseMessage("msg_a_b_12", out var conversation, out var position).Should().BeTrue();

        conversation.Should().Be("conv_a_b");
        position.Should().Be(12);
    }
}
