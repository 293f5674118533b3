using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>Usage as clients report it, as runs have it, and back.</summary>
public sealed class ChatUsageTests
{
    [Fact]
    public void Usage_comes_back_as_it_was()
    {
        var usage = new TokenUsage { InputTokens = 1_000, OutputTokens = 90, CachedInputTokens = 400, CacheWriteInputTokens = 500, ReasoningTokens = 70 };

        var details = ChatUsage.Of(usage);

        ChatUsage.Of(details).Should().Be(usage);
        (details!.TotalTokenCount, details.ReasoningTokenCount).Should().Be((1_090, 70));
    }

    [Theory]
    [InlineData("CacheCreationInputTokens")]
    [InlineData("CacheWriteInputTokens")]
    public void Cache_writes_are_read_by_the_names_of_several_clients(string name)
    {
        var details = new UsageDetails { InputTokenCount = 100, OutputTokenCount = 1, AdditionalCounts = new() { [name] = 60, ["Other"] = 5 } };

        ChatUsage.Of(details).Should().Be(new TokenUsage { InputTokens = 100, OutputTokens = 1, CacheWriteInputTokens = 60 });
    }

    [Fact]
    public void Input_that_is_reported_beside_what_the_cache_read_and_wrote_is_added_up()
    {
        var details = new UsageDetails { InputTokenCount = 10, OutputTokenCount = 1, CachedInputTokenCount = 900, AdditionalCounts = new() { ["CacheWriteInputTokens"] = 60 } };

        ChatUsage.Of(details)!.InputTokens.Should().Be(970);
    }

    [Fact]
    public void Impossible_numbers_are_limited()
    {
        var details = new UsageDetails { InputTokenCount = -5, OutputTokenCount = long.MaxValue, CachedInputTokenCount = long.MaxValue, ReasoningTokenCount = -1, AdditionalCounts = new() { ["CacheWriteInputTokens"] = long.MaxValue } };

        ChatUsage.Of(details).Should().Be(new TokenUsage
        {
            InputTokens = 1_000_000_000_000_000,
            OutputTokens = 1_000_000_000_000_000,
            CachedInputTokens = 1_000_000_000_000_000,
            CacheWriteInputTokens = 1_000_000_000_000_000,
        });
    }
}
