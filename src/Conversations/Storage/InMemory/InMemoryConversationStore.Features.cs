using Conversations.Storage;

namespace Conversations;

/// <content>The optional features: streams, usage and data.</content>
public sealed partial class InMemoryConversationStore : IConversationStreamStore, IConversationUsageStore, IConversationDataStore, IConversationFeedbackStore
{
    /// <inheritdoc/>
    ValueTask<bool> IConversationStreamStore.AppendSegmentsAsync(SegmentBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return RunAsync(batch, static (store, batch, token) => store.AppendSegments(batch, token), cancellationToken);
    }

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<StreamSegment>> IConversationStreamStore.ReadSegmentsAsync(SegmentRange range, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(range);
        return RunAsync(range, static (store, range, _) => store.Read(range.ConversationId, range.Access, range, static (entry, range) => entry.Segments.Read(range)), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>It looks at every run of the conversations that the query selects.</remarks>
    ValueTask<IReadOnlyList<UsageSum>> IConversationUsageStore.SumUsageAsync(ConversationAccess access, UsageQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(access);
        ArgumentNullException.ThrowIfNull(query);
        return RunAsync((access, query), static (store, asked, token) => store.SumUsage(asked.access, asked.query, token), cancellationToken);
    }

    /// <inheritdoc/>
    ValueTask<byte[]?> IConversationDataStore.ReadDataAsync(DataLookup lookup, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lookup);
        return RunAsync(lookup, static (store, lookup, _) => store.ReadData(lookup), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>It looks at all feedback of the conversations that the range selects.</remarks>
    ValueTask<IReadOnlyList<MessageFeedback>> IConversationFeedbackStore.ReadFeedbackAsync(FeedbackRange range, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(range);
        return RunAsync(range, static (store, range, token) => store.ReadFeedback(range, token), cancellationToken);
    }

    private IReadOnlyList<MessageFeedback> ReadFeedback(FeedbackRange range, CancellationToken cancellationToken)
    {
        var found = new List<MessageFeedback>();
        foreach (var entry in _table.Find(range))
        {
            using (Enter(entry.Scope, cancellationToken))
                found.AddRange(entry.IsDeleted ? [] : entry.Feedback.Find(range));
        }

        found.Sort(static (left, right) => FeedbackTable.Compare(FeedbackPlace.Of(right), FeedbackPlace.Of(left)));
        return [.. found.Take(range.Limit)];
    }

    private byte[]? ReadData(DataLookup lookup)
    {
        if (_table.Find(lookup.ConversationId, lookup.Access) is not { } entry)
            return null;

        lock (entry.Scope.Gate)
            return entry.IsDeleted ? null : entry.ReadData(lookup);
    }

    private bool AppendSegments(SegmentBatch batch, CancellationToken cancellationToken)
    {
        var segments = batch.Segments.ToArray();
        if (_table.Find(batch.ConversationId, batch.Access) is not { } entry)
            return false;

        using (Enter(entry.Scope, cancellationToken))
            return !entry.IsDeleted && entry.TryAppend(batch, segments, _timeProvider.GetUtcNow());
    }

    private IReadOnlyList<UsageSum> SumUsage(ConversationAccess access, UsageQuery query, CancellationToken cancellationToken)
    {
        var sums = new UsageSums(query);
        foreach (var entry in _table.Find(access, query))
        {
            using (Enter(entry.Scope, cancellationToken))
                entry.AddUsage(sums, query);
        }

        return sums.Rows;
    }
}
