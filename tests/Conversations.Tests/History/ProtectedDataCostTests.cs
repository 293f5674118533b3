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
    public void Protected_data_of_a_part_that_one_model_alone_can_read_cost_nothing()
    {
        var bound = $$"""{"type":"compaction","model_bound":true,"items":[{"data":"{{new string('x', 4_000)}}"}]}""";
        var free = bound.Replace("true", "false", StringComparison.Ordinal);

        Cost(new RawPart(bound)).Should().BeLessThan(40);
        Cost(new RawPart(free)).Should().BeGreaterThan(300);
    }

    [Fact]
    public void Text_of_a_part_that_one_model_alone_can_read_costs_what_it_costs_elsewhere()
    {
        var result = $$"""{"type":"hosted_result","model_bound":true,"output":"{{string.Concat(Enumerable.Repeat("The invoice is paid. ", 200))}}","url":"https://example.com/a/long/path/of/a/page/that/is/longer/than/a/signature"}""";
        var free = result.Replace("true", "false", StringComparison.Ordinal);

        Cost(new RawPart(result)).Should().BeCloseTo(Cost(new RawPart(free)), 4);
    }

    [Fact]
    public void Part_that_refers_to_media_costs_its_media_also_if_one_model_alone_can_read_it()
    {
        Cost(new RawPart("""{"type":"file","model_bound":true,"media_type":"image/png"}""")).Should().Be(Cost(new RawPart("""{"type":"file","media_type":"image/png"}""")));
    }

    private static int Cost(ContentPart part) => PromptCost.Count(TokenCounter.Estimate, new ConversationMessage(MessageRole.Assistant, part)).Count;
}
