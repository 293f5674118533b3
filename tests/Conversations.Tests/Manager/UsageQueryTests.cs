namespace Conversations.Tests.Manager;

public sealed class UsageQueryTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a\0b")]
    public void Filters_that_are_no_names_are_refused(string text)
    {
        var conversation = () => new UsageQuery { ConversationId = text };
        var agent = () => new UsageQuery { Agent = text };

        conversation.Should().Throw<ArgumentException>().WithParameterName("ConversationId");
        agent.Should().Throw<ArgumentException>().WithParameterName("Agent");
    }

    [Theory]
    [InlineData(16)]
    [InlineData(-1)]
    public void Groupings_that_are_none_are_refused(int grouping)
    {
        var making = () => new UsageQuery { GroupBy = (UsageGrouping)grouping };

        making.Should().Throw<ArgumentOutOfRangeException>();
    }
}
