using Conversations.Storage;

namespace Conversations;

/// <content>The optional features: streams, usage, data and feedback.</content>
public sealed partial class SqliteConversationStore : IConversationStreamStore, IConversationUsageStore, IConversationDataStore, IConversationFeedbackStore
{
    private readonly StreamSweep _streamSweep = new();

    /// <inheritdoc/>
    public ValueTask<bool> AppendSegmentsAsync(SegmentBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return _writer.WriteAsync(new AppendSegmentsWrite(batch, _streamSweep), SqliteDurability.Process, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StreamSegment>> ReadSegmentsAsync(SegmentRange range, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(range);
        return ReadAsync(SqliteReads.Segments, range, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>It reads all runs of the database, or those of the requested conversation, on one of the reading connections; turns do not wait for it.</remarks>
    public ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(ConversationAccess access, UsageQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(access);
        ArgumentNullException.ThrowIfNull(query);
        return ReadAsync(SqliteUsage.Sum, (access, query, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?> ReadDataAsync(DataLookup lookup, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lookup);
        return ReadAsync(SqliteReads.Data, lookup, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MessageFeedback>> ReadFeedbackAsync(FeedbackRange range, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(range);
        return ReadAsync(FeedbackRow.Read, range, cancellationToken);
    }
}
