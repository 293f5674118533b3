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

    [Fact]
    public void Part_that_one_model_alone_can_read_costs_nothing_but_its_media()
    {
        var bound = $$"""{"type":"compaction","model_bound":true,"data":"{{new string('x', 4_000)}}"}""";
        var free = bound.Replace("true", "false", StringComparison.Ordinal);

        Cost(new RawPart(bound)).Should().Be(Cost(new TextPart("")));
        Cost(new RawPart(free)).Should().BeGreaterThan(300);
        Cost(new RawPart("""{"type":"file","model_bound":true,"media_type":"image/png"}""")).Should().Be(Cost(new RawPart("""{"type":"file","media_type":"image/png"}""")));
    }

    private static int Cost(ContentPart part) => PromptCost.Count(TokenCounter.Estimate, new ConversationMessage(MessageRole.Assistant, part)).Count;
}
