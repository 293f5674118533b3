using Conversations.Storage;
using Conversations.Tests.Storage;

namespace Conversations.Tests.Manager;

/// <summary>Counts the writes of turns and streams, and fails those of streams when a test requests it.</summary>
internal sealed class StreamWatch(IConversationStore inner) : DelegatingConversationStore(inner)
{
    private int _writes;

    public int Writes => _writes;

    /// <summary>Called before segments are saved; to fail, throw.</summary>
    public Func<Task>? OnAppend { get; set; }

    public bool RefusesRenewals { get; set; }

    public override ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        if (batch.IsRenewal())
            return RefusesRenewals ? throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "Away.") : base.TryWriteAsync(batch, cancellationToken);

        Interlocked.Increment(ref _writes);
        return base.TryWriteAsync(batch, cancellationToken);
    }

    public override async ValueTask<bool> AppendSegmentsAsync(SegmentBatch batch, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _writes);
        if (OnAppend is not null)
            await OnAppend();
        return await base.AppendSegmentsAsync(batch, cancellationToken);
    }
}
