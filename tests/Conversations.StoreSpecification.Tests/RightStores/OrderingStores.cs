using System.Threading.Channels;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.RightStores;

/// <summary>A correct store whose writes wait for each other in a certain way. Lists are copied before; the token is observed until a write begins.</summary>
public abstract class OrderingStore(TimeProvider clock) : DelegatingConversationStore(new InMemoryConversationStore(clock))
{
    public override ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        var copy = BatchCopy.Of(batch);
        return WriteAsync(() => base.TryWriteAsync(copy, CancellationToken.None), cancellationToken);
    }

    public override ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        WriteAsync(() => base.DeleteConversationAsync(conversationId, access, CancellationToken.None), cancellationToken);

    public override ValueTask<bool> AppendSegmentsAsync(SegmentBatch batch, CancellationToken cancellationToken = default)
    {
        var copy = batch with { Segments = [.. batch.Segments] };
        return WriteAsync(() => base.AppendSegmentsAsync(copy, CancellationToken.None), cancellationToken);
    }

    protected abstract ValueTask<bool> WriteAsync(Func<ValueTask<bool>> write, CancellationToken cancellationToken);
}

/// <summary>Each write waits for the one before it.</summary>
public sealed class WaitingStore(TimeProvider clock) : OrderingStore(clock)
{
    private readonly SemaphoreSlim _writer = new(1, 1);

    protected override async ValueTask<bool> WriteAsync(Func<ValueTask<bool>> write, CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken);
        try
        {
            return await write();
        }
        finally
        {
            _writer.Release();
        }
    }
}

/// <summary>One thread applies all writes in the order in which they arrive.</summary>
public sealed class QueueingStore : OrderingStore
{
    private readonly Channel<Func<Task>> _queue = Channel.CreateUnbounded<Func<Task>>();

    public QueueingStore(TimeProvider clock)
        : base(clock) => _ = Task.Run(WriteAllAsync);

    protected override async ValueTask<bool> WriteAsync(Func<ValueTask<bool>> write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var result = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isOpen = _queue.Writer.TryWrite(async () =>
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                result.SetResult(await write());
            }
            catch (Exception exception)
            {
                result.SetException(exception);
            }
        });
        ObjectDisposedException.ThrowIf(!isOpen, this);
        return await result.Task;
    }

    protected override ValueTask DisposeAsyncCore()
    {
        _queue.Writer.TryComplete();
        return base.DisposeAsyncCore();
    }

    protected override void Dispose(bool disposing)
    {
        _queue.Writer.TryComplete();
        base.Dispose(disposing);
    }

    private async Task WriteAllAsync()
    {
        await foreach (var write in _queue.Reader.ReadAllAsync())
            await write();
    }
}
