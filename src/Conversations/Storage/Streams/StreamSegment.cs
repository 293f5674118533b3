using System.Text;

namespace Conversations.Storage;

/// <summary>A part of the output of an open run. A store does not interpret it.</summary>
public sealed record StreamSegment
{
    /// <summary>Creates a segment.</summary>
    /// <param name="number">The number of the segment within its run: 1, 2, 3 …</param>
    /// <param name="offset">How much of the output precedes it.</param>
    /// <param name="content">The content; at least one character.</param>
    public StreamSegment(int number, long offset, string content)
    {
        Number = number;
        Offset = offset;
        Content = content;
    }

    /// <summary>Gets the number of the segment within its run: 1, 2, 3 …</summary>
    public int Number { get; init; }

    /// <summary>Gets how much of the output precedes it.</summary>
    public long Offset { get; init; }

    /// <summary>Gets what the library wrote into it; at least one character.</summary>
    public string Content { get; init; }

    // Without content, so that the text is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, $"{Number} at {Offset}");
}

/// <summary>Specifies what <see cref="IConversationStreamStore.AppendSegmentsAsync"/> writes.</summary>
public sealed record SegmentBatch
{
    /// <summary>Gets the id of the conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Gets what the caller can reach [8].</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>Gets the number that the open run must have.</summary>
    public required long RunNumber { get; init; }

    /// <summary>Gets the <see cref="OpenRun.Token"/> that the open run must have.</summary>
    public required long Token { get; init; }

    /// <summary>Gets the segments, in the order of their numbers; at least one. A segment whose number the run already has is skipped.</summary>
    public required IReadOnlyList<StreamSegment> Segments { get; init; }

    // Without content, so that the text is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, $"{ConversationId} {RunNumber}");
}

/// <summary>Specifies which segments <see cref="IConversationStreamStore.ReadSegmentsAsync"/> reads.</summary>
public sealed record SegmentRange
{
    /// <summary>Gets the id of the conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Gets what the caller can reach [8].</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>Gets the number of the run.</summary>
    public required long RunNumber { get; init; }

    /// <summary>Gets the offset to read from: reading begins with the last segment that begins there or before it.</summary>
    public long From { get; init; }

    /// <summary>Gets the maximum number of segments; at least 1.</summary>
    public required int Limit { get; init; }
}
