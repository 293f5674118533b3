using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>Data in memory that outlive their stores.</summary>
public sealed class Kept(IConversationStore data)
{
    private int _stores;

    public IConversationStore Data => data;

    /// <summary>Gets the lock that each write holds.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    public bool IsOpen => Volatile.Read(ref _stores) > 0;

    public void Open() => Interlocked.Increment(ref _stores);

    public void Close() => Interlocked.Decrement(ref _stores);
}

/// <summary>A store on data that outlive it.</summary>
public class KeptStore : DelegatingConversationStore
{
    private readonly Kept _kept;
    private int _isClosed;

    public KeptStore(Kept kept)
        : base(kept.Data)
    {
        _kept = kept;
        kept.Open();
    }

    protected SemaphoreSlim Gate => _kept.Gate;

    public override ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        var copy = BatchCopy.Of(batch);
        return WriteAsync(() => base.TryWriteAsync(copy, CancellationToken.None), cancellationToken);
    }

    public override ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        WriteAsync(() => base.DeleteConversationAsync(conversationId, access, CancellationToken.None), cancellationToken);

    protected virtual ValueTask WaitAsync(CancellationToken cancellationToken) => new(Gate.WaitAsync(cancellationToken));

    protected override ValueTask DisposeAsyncCore()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    // The data remain for the next store.
    protected override void Dispose(bool disposing) => Close();

    protected virtual void Close()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
            _kept.Close();
    }

    private async ValueTask<bool> WriteAsync(Func<ValueTask<bool>> write, CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken);
        try
        {
            return await write();
        }
        finally
        {
            Gate.Release();
        }
    }
}
