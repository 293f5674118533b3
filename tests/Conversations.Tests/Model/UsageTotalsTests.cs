namespace Conversations.Tests.Model;

public sealed class UsageTotalsTests
{
    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(4, 0, 0.0)]
    [InlineData(4, 1, 0.25)]
    [InlineData(4, 4, 1.0)]
    [InlineData(long.MaxValue, long.MaxValue, 1.0)]
    public void HistoryShare_is_from_0_to_1_or_null(long prompt, long history, double? share) =>
        new UsageTotals { PromptTokens = prompt, HistoryTokens = history }.HistoryShare.Should().Be(share);

    [Fact]
    public void Plus_none_is_the_same()
    {
        var totals = UsageTotals.Of(new ConversationRun { ConversationId = "conv_1", Number = 1, StartedAt = default, Cost = 1m });

        totals.Plus(UsageTotals.None).Should().Be(totals).And.Be(new UsageTotals { Runs = 1, RunsWithoutUsage = 1, Cost = 1m });
    }
}
