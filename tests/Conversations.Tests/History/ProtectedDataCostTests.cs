namespace Conversations.Tests.History;

public sealed class ProtectedDataCostTests
{
    [Fact]
    public void Protected_data_of_reasoning_costs_nothing()
    {
        var plain = new ReasoningPart("The invoice is paid.");
        var signed = plain with { ProtectedData = new string('x', 4_000) };

        Cost(signed).Should().Be(Cost(plain)).And.BeGreaterThan(Cost(new ReasoningPart("")));
    }

    private static int Cost(ContentPart part) => PromptCost.Count(TokenCounter.Estimate, new ConversationMessage(MessageRole.Assistant, part)).Count;
}
