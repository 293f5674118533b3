namespace Conversations.Tests.History;

/// <summary>Which results answer which calls.</summary>
public class OpenCallsTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task AllAnswer_pairs_very_many_results_in_time_that_grows_with_their_number()
    {
        // Pairs of 200,000 with each other would take minutes.
        var ids = Enumerable.Range(0, 200_000).Select(number => $"call-{number}").ToList();
        var calls = new ConversationMessage(MessageRole.Assistant, [.. ids.Select(id => new ToolCallPart(id, "tool", "{}"))]);
        ids.Reverse();
        var results = new ConversationMessage(MessageRole.Tool, [.. ids.Select(id => new ToolResultPart(id, "done"))]);

        var answers = await Task.Run(() => OpenCalls.AllAnswer([results], [ConversationMessage.User("go"), calls]), TestContext.Current.CancellationToken)
            .WaitAsync(Longest, TestContext.Current.CancellationToken);

        answers.Should().BeTrue();
    }
}
