using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Summaries;

/// <summary>What becomes of the model's answer.</summary>
public sealed class SummaryAnswerTests : SummarizerTest
{
    private static readonly SummaryRequest Asked = Request(ConversationMessage.User("CANARY")) with { TokenLimit = 100 };

    [Fact]
    public async Task Answer_is_the_summary_without_white_space_around_it()
    {
        Model.Say(SummaryModel.Saying("\n They spoke of lamps. \n"));

        var summary = await SummarizeAsync(Asked);

        summary.Should().Be("They spoke of lamps.");
    }

    [Fact]
    public async Task Reasoning_is_not_part_of_the_summary()
    {
        Model.Say(new ChatResponse(new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("Hm."), new TextContent("They spoke.")])));

        var summary = await SummarizeAsync(Asked);

        summary.Should().Be("They spoke.");
    }

    [Fact]
    public async Task Blank_answer_is_returned_as_null()
    {
        Model.Say(SummaryModel.Saying("  "));

        var summary = await SummarizeAsync(Asked);

        summary.Should().BeEmpty("the keeper of summaries refuses it, and the last one stays");
    }

    [Fact]
    public async Task Answer_that_was_cut_off_is_requested_again_with_a_shorter_limit()
    {
        Model.Say(SummaryModel.Saying("They spoke of la", ChatFinishReason.Length), SummaryModel.Saying("Of lamps."));

        var summary = await SummarizeAsync(Asked);

        summary.Should().Be("Of lamps.");
        Model.Requests.Select(request => request.Messages[0].Text[^60..]).Should().SatisfyRespectively(
            first => first.Should().EndWith("more than 60 words."),
            second => second.Should().EndWith("more than 30 words. A longer one was cut off."));
    }

    [Theory]
    [InlineData("They spoke of lamps. They did not buy", "They spoke of lamps.")]
    [InlineData("They spoke of lamps", "They spoke of lamps")]
    [InlineData("They paid. It cost 3.50", "They paid.")]
    [InlineData("他们谈到了灯。他们没有", "他们谈到了灯。")]
    public async Task Answer_that_is_cut_off_again_ends_after_its_last_sentence(string second, string expected)
    {
        Model.Say(SummaryModel.Saying("They spoke", ChatFinishReason.Length), SummaryModel.Saying(second, ChatFinishReason.Length));

        var summary = await SummarizeAsync(Asked);

        summary.Should().Be(expected);
    }

    [Fact]
    public async Task First_answer_is_used_when_the_second_is_blank()
    {
        Model.Say(SummaryModel.Saying("They spoke. Of la", ChatFinishReason.Length), SummaryModel.Saying("", ChatFinishReason.Length));

        var summary = await SummarizeAsync(Asked);

        summary.Should().Be("They spoke.");
    }

    [Fact]
    public async Task Answer_that_the_provider_filtered_is_no_summary()
    {
        Model.Say(SummaryModel.Saying("I cannot speak of CANARY.", ChatFinishReason.ContentFilter));

        var act = () => SummarizeAsync(Asked);

        (await act.Should().ThrowAsync<InvalidOperationException>()).Which.ToString().Should().NotContain("CANARY");
    }

    [Fact]
    public async Task Exception_of_the_client_is_passed_to_the_caller()
    {
        var failure = new HttpRequestException("no network");
        Model.Answer = (_, _) => Task.FromException<ChatResponse>(failure);

        var act = () => SummarizeAsync(Asked);

        (await act.Should().ThrowAsync<HttpRequestException>()).Which.Should().BeSameAs(failure);
    }

    [Fact]
    public async Task Cancellation_reaches_the_client()
    {
        using var source = new CancellationTokenSource();
        Model.Answer = async (_, token) =>
        {
            await source.CancelAsync();
            token.ThrowIfCancellationRequested();
            return SummaryModel.Saying("late");
        };

        var act = () => Model.AsConversationSummarizer().SummarizeAsync(Asked, source.Token);

        await act.Should().ThrowAsync<OperationCanceledException>();
    }
}
