using Conversations.Storage;
using FluentAssertions;

namespace Conversations.StoreSpecification;

/// <summary>What the specifications of summaries have in common.</summary>
internal static class SummaryCommands
{
    /// <summary>The feature of a store, which it must have.</summary>
    public static IConversationSummaryStore FeatureOf(IConversationStore store)
    {
        var feature = store.GetFeature<IConversationSummaryStore>();
        feature.Should().NotBeNull("a store that keeps no summaries lacks this specification, and says so");
        return feature!;
    }

    /// <summary>A summary of all messages from one position on, of which none was deleted, up to another.</summary>
    public static SaveSummaryCommand Save(string conversationId, ConversationAccess access, long from, long through) => new()
    {
        ConversationId = conversationId,
        Access = access,
        Base = from,
        BaseMessageCount = from,
        Through = through,
        MessageCount = (int)Math.Clamp(through - from, 0, int.MaxValue),
        Text = $"{from + 1} to {through}",
    };
}
