using Conversations.Storage;

namespace Conversations.Tests.Storage;

/// <summary>What a store has beyond the contract is found through those that stand above it.</summary>
public sealed class DelegatingConversationStoreTests
{
    [Fact]
    public void GetFeature_finds_what_the_store_beneath_has()
    {
        using var inner = new InMemoryConversationStore();
        using var outer = new Plain(new Plain(inner));

        outer.GetFeature<IConversationSummaryStore>().Should().BeSameAs(inner);
    }

    [Fact]
    public void GetFeature_finds_what_was_added_first()
    {
        using var outer = new Adding(new InMemoryConversationStore());

        outer.GetFeature<IConversationSummaryStore>().Should().BeSameAs(outer);
    }

    [Fact]
    public void GetFeature_finds_nothing_that_no_store_has()
    {
        using var outer = new Plain(new InMemoryConversationStore());

        outer.GetFeature<IFormattable>().Should().BeNull();
    }

    private sealed class Plain(IConversationStore inner) : DelegatingConversationStore(inner);

    private sealed class Adding(IConversationStore inner) : DelegatingConversationStore(inner), IConversationSummaryStore
    {
        public ValueTask<ConversationSummary?> GetSummaryAsync(string conversationId, ConversationAccess access, long before, CancellationToken cancellationToken = default) => new((ConversationSummary?)null);

        public ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default) => new(false);
    }
}
