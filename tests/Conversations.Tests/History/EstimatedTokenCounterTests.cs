namespace Conversations.Tests.History;

/// <summary>The estimate, compared with the exact count of o200k_base.</summary>
public sealed class EstimatedTokenCounterTests
{
    [Theory]
    [InlineData("", 0, 0)]
    [InlineData("a", 1, 1)]
    [InlineData("Can you check my last invoice?", 7, 8)]
    [InlineData("The insurance company will reimburse the cost of the repair within fourteen days.", 14, 16)]
    [InlineData("getInvoiceByNumber", 4, 5)]
    [InlineData("1234567", 3, 3)]
    [InlineData("{\"order_id\": \"28740\", \"items\": [{\"name\": \"Chai Latte\", \"count\": 2}]}", 26, 30)]
    [InlineData("    if (count > 10)\n        return null;\n", 12, 13)]
    [InlineData("你好，我想找一家餐馆吃饭，请给我推荐一家。", 15, 19)]
    [InlineData("Съешь же ещё этих мягких французских булок.", 13, 17)]
    [InlineData("😀🎉", 3, 5)]
    public void Estimate_is_too_high_rather_than_too_low(string text, int exact, int estimate)
    {
        var count = TokenCounter.Estimate.Count(text);

        count.Should().Be(estimate).And.BeGreaterThanOrEqualTo(exact);
    }

    [Fact]
    public void Estimate_is_named_with_its_version()
    {
        // Counts are stored under this name: a change of an estimate above requires another name.
        TokenCounter.Estimate.Name.Should().Be("estimate/2");
    }

    [Fact]
    public void Estimate_of_ill_formed_text_is_a_count()
    {
        TokenCounter.Estimate.Count("\uDC00\uD800x").Should().Be(4);
    }

    [Fact]
    public void Estimate_allocates_nothing()
    {
        var text = string.Concat(Enumerable.Repeat("Nothing of this is copied, 42 times. ", 1000));
        TokenCounter.Estimate.Count(text);

        var before = GC.GetAllocatedBytesForCurrentThread();
        TokenCounter.Estimate.Count(text);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        allocated.Should().Be(0);
    }
}
