using System.Threading.Channels;

namespace Conversations.StoreSpecification.Tests.RightStores;

/// <summary>One thread does all the writes, in the order in which they come.</summary>
public sealed class QueueingStore : OrderingStore
{
    private readonly Channel<Func<Task>> _queue = Channel.CreateUnbounded<Func<Task>>();

    public QueueingStore(TimeProvider clock)
        : base(new InMemoryConversationStore(clock)) => _ = Task.Run(WriteAllAsync);

    protected override async ValueTask<T> WriteAsync<T>(string row, Func<ValueTask<T>> write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isOpen = _queue.Writer.TryWrite(() =>
        {
            var done = DoAsync(write, cancellationToken);
            return done.ContinueWith(ended => result.SetFromTask(ended), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
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

    private static async Task<T> DoAsync<T>(Func<ValueTask<T>> write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await write();
    }

    private async Task WriteAllAsync()
    {
        await foreach (var write in _queue.Reader.ReadAllAsync())
            await write();
    }
}
