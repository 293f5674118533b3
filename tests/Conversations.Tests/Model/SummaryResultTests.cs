namespace Conversations.Tests.Model;

/// <summary>What a summarizer returns.</summary>
public sealed class SummaryResultTests
{
    private const long Most = 1_000_000_000_000_000;

    [Theory]
    [InlineData("They spoke.", "They spoke.")]
    [InlineData(null, "")]
    public void Text_converts_to_result_that_reports_nothing(string? text, string expected)
    {
        SummaryResult result = text;

        result.Should().BeEquivalentTo(new { Text = expected, Model = (string?)null, Usage = (TokenUsage?)null, Cost = (decimal?)null });
    }

    [Fact]
    public void Text_is_repaired_when_it_is_not_well_formed() => new SummaryResult("half \uD83D").Text.Should().Be("half \uFFFD");

    [Fact]
    public void Result_is_refused_when_its_text_is_null()
    {
        var making = () => new SummaryResult(null!);

        making.Should().Throw<ArgumentNullException>();
    }

    [Fact]
    public void Model_is_null_when_it_is_blank() => new SummaryResult("text") { Model = " " }.Model.Should().BeNull();

    [Theory]
    [InlineData(-1, 0, 0, 0)]
    [InlineData(0, Most + 1, 0, 0)]
    [InlineData(0, 0, -1, 0)]
    [InlineData(0, 0, 0, -1)]
    [InlineData(0, 0, 0, Most + 1)]
    public void Report_is_refused_when_a_number_is_impossible(long input, long output, long cached, long cost)
    {
        var making = () => new SummaryResult("text") { Usage = new TokenUsage { InputTokens = input, OutputTokens = output, CachedInputTokens = cached }, Cost = cost };

        making.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Report_is_kept_when_its_numbers_are_the_largest()
    {
        var usage = new TokenUsage { InputTokens = Most, OutputTokens = Most, CachedInputTokens = Most };

        new SummaryResult("text") { Usage = usage, Cost = Most }.Should().BeEquivalentTo(new { Usage = usage, Cost = (decimal)Most });
    }

    [Fact]
    public void ToString_names_the_model_and_contains_no_text() =>
        new SummaryResult("canary") { Model = "small" }.ToString().Should().Contain("small").And.NotContain("canary");
}
