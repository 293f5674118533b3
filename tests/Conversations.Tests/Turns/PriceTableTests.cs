namespace Conversations.Tests.Turns;

public sealed class PriceTableTests
{
    private static readonly PriceTable Prices = new ConversationOptions()
        .AddPrice("gpt-5", inputPerMillion: 2m, outputPerMillion: 10m, cachedInputPerMillion: 0.2m)
        .AddPrice("gpt-5-2025-12-24", inputPerMillion: 1m, outputPerMillion: 1m)
        .AddPrice("claude", inputPerMillion: 3m, outputPerMillion: 15m, cachedInputPerMillion: 0.3m, cacheWriteInputPerMillion: 3.75m)
        .AddPrice("dear", 1_000_000_000m, 1_000_000_000m)
        .Prices is var prices ? new PriceTable(prices) : null!;

    [Fact]
    public void CostOf_counts_cached_tokens_as_part_of_the_input()
    {
        var cost = Prices.CostOf("gpt-5", new TokenUsage { InputTokens = 1_000, CachedInputTokens = 400, OutputTokens = 10 });

        cost.Should().Be((600 * 0.000002m) + (400 * 0.0000002m) + (10 * 0.00001m));
    }

    [Fact]
    public void CostOf_uses_the_input_price_when_cached_tokens_have_no_price()
    {
        var cost = Prices.CostOf("gpt-5-2025-12-24", new TokenUsage { InputTokens = 1_000_000, CachedInputTokens = 400_000 });

        cost.Should().Be(1m);
    }

    [Fact]
    public void CostOf_counts_what_the_cache_wrote_as_part_of_the_input_at_its_own_price()
    {
        var usage = new TokenUsage { InputTokens = 1_000, CachedInputTokens = 400, CacheWriteInputTokens = 500, OutputTokens = 10, ReasoningTokens = 8 };

        Prices.CostOf("claude", usage).Should().Be((100 * 0.000003m) + (400 * 0.0000003m) + (500 * 0.00000375m) + (10 * 0.000015m));
        Prices.CostOf("gpt-5", usage).Should().Be((600 * 0.000002m) + (400 * 0.0000002m) + (10 * 0.00001m));
    }

    [Theory]
    [InlineData("gpt-5", 2)]
    [InlineData("gpt-5-2025-08-07", 2)]
    [InlineData("gpt-5-20250807", 2)]
    [InlineData("gpt-5@20250807", 2)]
    [InlineData("gpt-5-2025-12-24", 1)]
    [InlineData("gpt-5-20251224", 2)]
    [InlineData("gpt-5-mini", null)]
    [InlineData("gpt-5-1", null)]
    [InlineData("gpt-5-20259999", null)]
    [InlineData("gpt-5-2025-08-07-2025-08-07", null)]
    [InlineData("GPT-5", null)]
    [InlineData("gpt", null)]
    [InlineData("-20250807", null)]
    [InlineData("20250807", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void CostOf_finds_a_model_by_its_name_with_or_without_a_date(string? model, int? cost) =>
        Prices.CostOf(model, new TokenUsage { InputTokens = 1_000_000 }).Should().Be(cost);

    [Fact]
    public void CostOf_is_null_when_there_is_no_usage() => Prices.CostOf("gpt-5", usage: null).Should().BeNull();

    [Theory]
    [InlineData(long.MaxValue, long.MaxValue, 0)]
    [InlineData(long.MaxValue, long.MaxValue, long.MaxValue)]
    [InlineData(0, long.MaxValue, long.MaxValue)]
    [InlineData(long.MaxValue, 0, long.MinValue)]
    [InlineData(long.MinValue, long.MinValue, long.MinValue)]
    public void CostOf_impossible_usage_is_neither_negative_nor_an_error(long input, long output, long cached) =>
        Prices.CostOf("dear", new TokenUsage { InputTokens = input, OutputTokens = output, CachedInputTokens = cached, CacheWriteInputTokens = cached }).Should().BeGreaterThanOrEqualTo(0);

    [Fact]
    public void CostOf_is_not_negative_when_cached_tokens_exceed_the_input() =>
        Prices.CostOf("gpt-5", new TokenUsage { InputTokens = 10, CachedInputTokens = 1_000_000 }).Should().Be(0.2m);
}
