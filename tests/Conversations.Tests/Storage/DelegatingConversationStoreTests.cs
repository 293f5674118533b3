using Conversations.Storage;

namespace Conversations.Tests.Storage;

/// <summary>Features of a store are reached through the stores above it, and only through them.</summary>
public sealed class DelegatingConversationStoreTests
{
    [Fact]
    public void GetFeature_returns_the_outer_store_when_the_inner_store_has_the_feature()
    {
        using var outer = new Plain(new Plain(new InMemoryConversationStore()));

        outer.GetFeature<IConversationStreamStore>().Should().BeSameAs(outer);
        outer.GetFeature<IConversationUsageStore>().Should().BeSameAs(outer);
        outer.GetFeature<IConversationDataStore>().Should().BeSameAs(outer);
        outer.GetFeature<IConversationFeedbackStore>().Should().BeSameAs(outer);
    }

    [Fact]
    public void GetFeature_returns_null_when_the_inner_store_lacks_the_feature()
    {
        using var outer = new Plain(new WithoutFeatures(new InMemoryConversationStore()));

        outer.GetFeature<IConversationStreamStore>().Should().BeNull();
        outer.GetFeature<IConversationDataStore>().Should().BeNull();
        outer.GetFeature<IConversationFeedbackStore>().Should().BeNull();
    }

    [Fact]
    public void GetFeature_returns_null_for_a_feature_that_only_the_inner_store_implements()
    {
        using var outer = new Plain(new Adding(new InMemoryConversationStore()));

        outer.GetFeature<IFormattable>().Should().BeNull("it would bypass what the outer store does");
    }

    [Fact]
    public void GetFeature_returns_a_feature_that_a_derived_class_adds()
    {
        using var outer = new Adding(new InMemoryConversationStore());

        outer.GetFeature<IFormattable>().Should().BeSameAs(outer);
    }

    private sealed class Plain(IConversationStore inner) : DelegatingConversationStore(inner);

    private sealed class WithoutFeatures(IConversationStore inner) : DelegatingConversationStore(inner)
    {
        public override T? GetFeature<T>()
            where T : class => null;
    }

    private sealed class Adding(IConversationStore inner) : DelegatingConversationStore(inner), IFormattable
    {
        public string ToString(string? format, IFormatProvider? formatProvider) => "";
    }
}
