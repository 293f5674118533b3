namespace Conversations.Storage;

/// <summary>A write that waits for its turn at the connection. Until it is taken it can be cancelled.</summary>
internal abstract class QueuedWrite(SqliteDurability durability)
{
    private const int Waiting = 0;
    private const int Taken = 1;
    private const int Cancelled = 2;

    private int _state;
    private CancellationTokenRegistration _registration;

    /// <summary>What must be on the disk when it is answered.</summary>
    public SqliteDurability Durability { get; } = durability;

    /// <summary>Has it leave the queue if the token is cancelled while it waits.</summary>
    public void LeaveWhenCancelled(CancellationToken cancellationToken) =>
        _registration = cancellationToken.UnsafeRegister(static (write, token) => ((QueuedWrite)write!).Leave(token), this);

    /// <summary>Takes it out of the queue: from now on it is done whatever its token says.</summary>
    /// <returns><see langword="false"/> if it has left.</returns>
    public bool Take()
    {
        _registration.Dispose();
        return Interlocked.CompareExchange(ref _state, Taken, Waiting) == Waiting;
    }

    /// <summary>Writes, within a transaction. It may be asked again if that came to nothing.</summary>
    /// <returns>Whether what it wrote is to stay.</returns>
    public abstract bool Run(SqliteSession session, long now);

    /// <summary>Answers what it has found or done.</summary>
    public abstract void Succeed();

    /// <summary>Answers that it failed.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>Answers that it was cancelled.</summary>
    protected abstract void Cancel(CancellationToken cancellationToken);

    private void Leave(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, Cancelled, Waiting) == Waiting)
            Cancel(cancellationToken);
    }
}

/// <inheritdoc/>
internal sealed class QueuedWrite<T>(ISqliteWrite<T> write, SqliteDurability durability) : QueuedWrite(durability)
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _written;

    public Task<T> Answer => _answer.Task;

    public override bool Run(SqliteSession session, long now)
    {
        var written = write.Run(session, now);
        _written = written.Answer;
        return written.Keep;
    }

    public override void Succeed() => _answer.TrySetResult(_written!);

    public override void Fail(Exception exception) => _answer.TrySetException(exception);

    protected override void Cancel(CancellationToken cancellationToken) => _answer.TrySetCanceled(cancellationToken);
}
