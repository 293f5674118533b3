namespace Conversations.Extensions.AI.Tests.Summaries;

/// <summary>The base of the tests of the summarizer.</summary>
public abstract class SummarizerTest
{
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected SummaryModel Model { get; } = new();

    protected static SummaryRequest Request(params ConversationMessage[] messages) => new() { Agent = "bot", ConversationId = "conv", Messages = messages };

    protected async Task<string> SummarizeAsync(SummaryRequest request, ChatClientSummarizerOptions? options = null) =>
        (await Model.AsConversationSummarizer(options).SummarizeAsync(request, Cancellation)).Text;
}
