namespace Conversations.StoreSpecification.Tests.RightStores;

/// <summary>Every write goes on elsewhere at once, and waits there.</summary>
public sealed class PoolStore(TimeProvider clock) : OrderingStore(new InMemoryConversationStore(clock))
{
    private readonly SemaphoreSlim _writer = new(1, 1);

    protected override async ValueTask<T> WriteAsync<T>(string row, Func<ValueTask<T>> write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await Task.Run(
            async () =>
            {
                await _writer.WaitAsync(CancellationToken.None);
                try
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    return await write();
                }
                finally
                {
                    _writer.Release();
                }
            },
            CancellationToken.None);
    }
}
