namespace Conversations.Tests.History;

/// <summary>What the default window saves at a provider with a prompt cache.</summary>
public class PromptCacheCostTests
{
    [Theory]
    [InlineData(20, 0.55)]
    [InlineData(40, 0.40)]
    public async Task Default_window_costs_at_most_a_share_of_one_that_slides(int limit, double share)
    {
        var messages = Talk(200);
        var (sliding, byDefault) = (new PromptCacheCost(), new PromptCacheCost());

        await sliding.AddAsync(messages, agent => (agent.SystemPrompt, agent.HistoryLimit, agent.HistoryTrim) = (Words(1_200), limit, 1));
        await byDefault.AddAsync(messages, agent => (agent.SystemPrompt, agent.HistoryLimit) = (Words(1_200), limit));

        (byDefault.Cost / sliding.Cost).Should().BeLessThanOrEqualTo(share).And.BeGreaterThan(0.1, "it is the price of what is cached");
        (sliding.ExceedsLimit || byDefault.ExceedsLimit).Should().BeFalse();
        (sliding.Refused + byDefault.Refused).Should().Be(0);
    }

    /// <summary>Questions and answers of many lengths, one in three with a call of a tool.</summary>
    private static List<ConversationMessage> Talk(int count)
    {
        var random = new Random(15);
        var messages = new List<ConversationMessage>();
        for (var turn = 0; messages.Count < count; turn++)
        {
            messages.Add(ConversationMessage.User(Words(random.Next(10, 80))));
            if (turn % 3 == 0)
                messages.AddRange([ConversationMessage.ToolCall($"call {turn}", "look_up", "{}"), ConversationMessage.ToolResult($"call {turn}", Words(random.Next(50, 400)))]);
            messages.Add(ConversationMessage.Assistant(Words(random.Next(20, 150))));
        }

        return messages;
    }

    private static string Words(int count) => string.Join(' ', Enumerable.Repeat("word", count));
}
