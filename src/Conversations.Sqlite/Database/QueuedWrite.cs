namespace Conversations.Storage;

/// <summary>A write that waits for the connection. It can be canceled until it is taken.</summary>
internal abstract class QueuedWrite(SqliteDurability durability, BusyWait wait, CancellationToken cancellationToken)
{
    private const int Waiting = 0;
    private const int Taken = 1;
    private const int Cancelled = 2;

    private int _state;
    private CancellationTokenRegistration _registration;

    /// <summary>Gets the durability that it requires.</summary>
    public SqliteDurability Durability { get; } = durability;

    /// <summary>Gets whether it deletes content.</summary>
    public abstract bool Deletes { get; }

    /// <summary>Gets about how many bytes of content it writes or deletes.</summary>
    public abstract long Size { get; }

    /// <summary>Begins to wait, also again. The write leaves the queue if its token is canceled.</summary>
    public void Wait()
    {
        Volatile.Write(ref _state, Waiting);
        _registration = cancellationToken.UnsafeRegister(static (write, token) => ((QueuedWrite)write!).Leave(token), this);
    }

    /// <summary>Takes the write out of the queue. From then on, its token has no effect.</summary>
    /// <returns><see langword="false"/> if it was canceled.</returns>
    public bool Take()
    {
        _registration.Dispose();
        return Interlocked.CompareExchange(ref _state, Taken, Waiting) == Waiting;
    }

    /// <summary>Fails the write if it has waited for the busy timeout while another process has the database locked.</summary>
    /// <returns>Whether the write still waits.</returns>
    public bool GoesOnWaiting(bool isOver)
    {
        if ((isOver || wait.IsOver) && Take())
            Fail(SqliteErrors.LockedTooLong());
        return Volatile.Read(ref _state) == Waiting;
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
internal sealed class QueuedWrite<T>(ISqliteWrite<T> write, SqliteDurability durability, BusyWait wait, CancellationToken cancellationToken) : QueuedWrite(durability, wait, cancellationToken)
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _written;

    public Task<T> Answer => _answer.Task;

    public override bool Deletes => write.Deletes;

    public override long Size => write.Size;

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
