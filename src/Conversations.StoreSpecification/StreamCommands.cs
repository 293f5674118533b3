using Conversations.Storage;
using FluentAssertions;

namespace Conversations.StoreSpecification;

/// <summary>What the specifications of streams have in common.</summary>
internal static class StreamCommands
{
    /// <summary>How long the streams of the tests are kept.</summary>
    public static readonly TimeSpan KeepFor = TimeSpan.FromMinutes(10);

    /// <summary>The feature of a store, which it must have.</summary>
    public static IConversationStreamStore FeatureOf(IConversationStore store)
    {
        var feature = store.GetFeature<IConversationStreamStore>();
        feature.Should().NotBeNull("a store that keeps no streams lacks this specification, and says so");
        return feature!;
    }

    /// <summary>The segments of messages, each text cut into pieces at every bar: <c>"a|b"</c> is one message in two pieces. The first stands at position 2.</summary>
    public static IReadOnlyList<StreamSegment> Cut(DateTimeOffset now, params IEnumerable<string> messages)
    {
        var segments = new List<StreamSegment>();
        var position = 2;
        foreach (var message in messages)
        {
            foreach (var piece in message.Split('|'))
                segments.Add(Segment(segments, Fragment(now, position, new TextPart(piece))));
            position++;
        }

        return segments;
    }

    /// <summary>A piece of an assistant's message.</summary>
    public static ConversationMessage Fragment(DateTimeOffset now, long position, params IEnumerable<ContentPart> parts) =>
        new(MessageRole.Assistant, parts) { Position = position, CreatedAt = now };

    /// <summary>The segment that follows on others.</summary>
    public static StreamSegment Segment(IReadOnlyList<StreamSegment> before, ConversationMessage fragment) =>
        new(before.Count + 1, before is [.., var last] ? last.End : 0, fragment);

    /// <summary>Appends segments.</summary>
    public static AppendSegmentsCommand Append(TurnLease lease, params IEnumerable<StreamSegment> segments) =>
        new() { Lease = lease, Segments = [.. segments], KeepFor = KeepFor };

    /// <summary>Reads all of a stream. Before its beginning, so that a piece without length, with which it begins, is not passed over.</summary>
    public static StreamQuery All(TurnLease lease, ConversationAccess access) =>
        new() { ConversationId = lease.ConversationId, RunNumber = lease.Fence, Access = access, From = -1, Limit = int.MaxValue };
}
