namespace Conversations.Tests.Manager;

public sealed class UsageQueryTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a\0b")]
    public void Filter_is_refused_when_it_is_no_valid_name(string text)
    {
        var conversation = () => new UsageQuery { ConversationId = text };
        var agent = () => new UsageQuery { Agent = text };

        conversation.Should().Throw<ArgumentException>().WithParameterName("ConversationId");
        agent.Should().Throw<ArgumentException>().WithParameterName("Agent");
    }

    [Theory]
    [InlineData(64)]
    [InlineData(-1)]
    public void Grouping_is_refused_when_it_is_unknown(int grouping)
    {
        var making = () => new UsageQuery { GroupBy = (UsageGrouping)grouping };

        making.Should().Throw<ArgumentOutOfRangeException>();
    }
}
