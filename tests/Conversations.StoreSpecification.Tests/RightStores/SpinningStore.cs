namespace Conversations.StoreSpecification.Tests.RightStores;

/// <summary>Waits by asking again and again.</summary>
public sealed class SpinningStore(TimeProvider clock) : OrderingStore(new InMemoryConversationStore(clock))
{
    private bool _isTaken;

    protected override async ValueTask<T> WriteAsync<T>(string row, Func<ValueTask<T>> write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (Interlocked.Exchange(ref _isTaken, true))
            Thread.Yield();

        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return await write();
        }
        finally
        {
            Volatile.Write(ref _isTaken, false);
        }
    }
}
