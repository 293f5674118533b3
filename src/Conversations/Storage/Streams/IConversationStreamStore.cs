namespace Conversations.Storage;

/// <summary>An optional feature of a store: it keeps the output of open runs in segments, so that it can be followed from other processes and survives a crash [13].</summary>
/// <remarks>See <see cref="IConversationStore.GetFeature{T}"/>. Members are thread-safe and throw what members of <see cref="IConversationStore"/> throw.</remarks>
public interface IConversationStreamStore
{
    /// <summary>Appends segments to an open run, if it still holds its lease. The version of the conversation grows by 1 [13].</summary>
    /// <param name="batch">The run and its segments.</param>
    /// <param name="cancellationToken">Cancels before the write begins [10].</param>
    /// <returns><see langword="false"/> if the conversation has no such open run; nothing was written then.</returns>
    ValueTask<bool> AppendSegmentsAsync(SegmentBatch batch, CancellationToken cancellationToken = default);

    /// <summary>Reads segments of a run in the order of their numbers [13].</summary>
    /// <param name="range">The segments to read.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The segments; empty if there are none, or the conversation does not exist or is out of reach.</returns>
    ValueTask<IReadOnlyList<StreamSegment>> ReadSegmentsAsync(SegmentRange range, CancellationToken cancellationToken = default);
}
