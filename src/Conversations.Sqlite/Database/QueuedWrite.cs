namespace Conversations.Storage;

/// <summary>A write that waits for the connection. It can be canceled until it is taken.</summary>
internal abstract class QueuedWrite(SqliteDurability durability)
{
    private const int Waiting = 0;
    private const int Taken = 1;
    private const int Cancelled = 2;

    private int _state;
    private CancellationTokenRegistration _registration;

    /// <summary>Gets the durability that it requires.</summary>
    public SqliteDurability Durability { get; } = durability;

    /// <summary>Removes the write from the queue if the token is canceled while it waits.</summary>
    public void LeaveWhenCancelled(CancellationToken cancellationToken) =>
        _registration = cancellationToken.UnsafeRegister(static (write, token) => ((QueuedWrite)write!).Leave(token), this);

    /// <summary>Takes the write out of the queue. From then on, its token has no effect.</summary>
    /// <returns><see langword="false"/> if it was canceled.</returns>
    public bool Take()
    {
        _registration.Dispose();
        return Interlocked.CompareExchange(ref _state, Taken, Waiting) == Waiting;
    }

    /// <summary>Runs the write within a transaction. It can run again if that transaction failed.</summary>
    /// <returns>Whether its changes are kept.</returns>
    public abstract bool Run(SqliteSession session, long now);

    /// <summary>Completes the call with the result.</summary>
    public abstract void Succeed();

    /// <summary>Completes the call with an exception.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>Completes the call as canceled.</summary>
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
