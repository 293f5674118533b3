namespace Conversations.StoreSpecification;

/// <summary>A clock that blocks its next reader until it is released: it holds a store in the middle of a call.</summary>
internal sealed class HeldClock(TimeProvider inner) : ForwardingClock(inner)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isArmed;

    /// <summary>Blocks the next reader, and no other.</summary>
    public void Arm() => Volatile.Write(ref _isArmed, 1);

    /// <summary>Waits until a reader is blocked, or until a call that does not read the clock has completed.</summary>
    public async Task ReachAsync(Task call)
    {
        await TimeLimit.OfAsync(Task.WhenAny(_reached.Task, call));
        if (!_reached.Task.IsCompleted)
            Volatile.Write(ref _isArmed, 0);
    }

    /// <summary>Releases the reader, which gets the time at which it was blocked.</summary>
    public void Release() => _released.TrySetResult();

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        var now = base.GetUtcNow();
        if (Interlocked.Exchange(ref _isArmed, 0) == 1)
        {
            _reached.SetResult();
#pragma warning disable VSTHRD002 // Blocking the reader is the purpose of this clock.
            _released.Task.Wait();
#pragma warning restore VSTHRD002
        }

        return now;
    }
}
