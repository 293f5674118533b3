using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Summaries;

/// <summary>What the summarizer reports of its requests.</summary>
public sealed class SummaryUsageTests : SummarizerTest
{
    private static readonly SummaryRequest Asked = Request(ConversationMessage.User("hello"));

    private static readonly UsageDetails Used = new() { InputTokenCount = 100, OutputTokenCount = 10, CachedInputTokenCount = 50 };

    [Fact]
    public async Task Usage_is_that_of_the_response()
    {
        Model.Say(SummaryModel.Saying("They spoke.", usage: Used));

        var result = await ResultAsync();

        result.Usage.Should().Be(new TokenUsage { InputTokens = 100, OutputTokens = 10, CachedInputTokens = 50 });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Usage_is_the_sum_of_both_requests_when_the_first_answer_was_cut_off(bool isCutAgain)
    {
        var finish = isCutAgain ? ChatFinishReason.Length : ChatFinishReason.Stop;
        Model.Say(SummaryModel.Saying("They spoke of la", ChatFinishReason.Length, Used), SummaryModel.Saying("Of lamps.", finish, new UsageDetails { InputTokenCount = 5, OutputTokenCount = 2, CachedInputTokenCount = 3 }));

        var result = await ResultAsync();

        result.Usage.Should().Be(new TokenUsage { InputTokens = 105, OutputTokens = 12, CachedInputTokens = 53 });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Usage_is_that_of_the_response_that_reports_any(bool isFirst)
    {
        Model.Say(SummaryModel.Saying("They spoke of la", ChatFinishReason.Length, isFirst ? Used : null), SummaryModel.Saying("Of lamps.", usage: isFirst ? null : Used));

        var result = await ResultAsync();

        result.Usage!.InputTokens.Should().Be(100);
    }

    [Fact]
    public async Task Usage_is_null_when_no_response_reports_any()
    {
        Model.Say(SummaryModel.Saying("They spoke of la", ChatFinishReason.Length), SummaryModel.Saying("Of lamps.", usage: new UsageDetails()));

        (await ResultAsync()).Usage.Should().BeNull();
    }

    [Fact]
    public async Task Summary_is_not_lost_when_a_provider_reports_impossible_numbers()
    {
        var most = new UsageDetails { InputTokenCount = long.MaxValue, OutputTokenCount = -1 };
        Model.Say(SummaryModel.Saying("They spoke of la", ChatFinishReason.Length, most), SummaryModel.Saying("Of lamps.", usage: most));

        var result = await ResultAsync();

        result.Should().BeEquivalentTo(new { Text = "Of lamps.", Usage = new TokenUsage { InputTokens = 1_000_000_000_000_000 } });
    }

    [Theory]
    [InlineData("small-2025", "small", "small-2025")]
    [InlineData(null, "small", "small")]
    [InlineData(null, null, null)]
    public async Task Model_is_that_of_the_response_or_the_one_that_was_requested(string? answered, string? requested, string? expected)
    {
        var response = SummaryModel.Saying("They spoke.");
        response.ModelId = answered;
        Model.Say(response);

        var result = await ResultAsync(new ChatClientSummarizerOptions { ChatOptions = new ChatOptions { ModelId = requested } });

        result.Model.Should().Be(expected);
    }

    private async Task<SummaryResult> ResultAsync(ChatClientSummarizerOptions? options = null) => await Model.AsConversationSummarizer(options).SummarizeAsync(Asked, Cancellation);
}
