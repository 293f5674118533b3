namespace Conversations.Tests.History;

public sealed class ProtectedDataCostTests
{
    [Fact]
    public void Protected_data_of_reasoning_costs_nothing()
    {
        var signed = new ReasoningPart("The invoice is paid.") { ProtectedData = "x" };
        var longer = signed with { ProtectedData = new string('x', 4_000) };

        Cost(longer).Should().Be(Cost(signed)).And.BeGreaterThan(Cost(new ReasoningPart("") { ProtectedData = "x" }));
    }

    private static int Cost(ContentPart part) => PromptCost.Count(TokenCounter.Estimate, new ConversationMessage(MessageRole.Assistant, part)).Count;
}
