namespace Conversations.StoreSpecification;

/// <summary>A clock that holds up whoever reads it next, until it is released: a store in the middle of a write, for as long as a test likes.</summary>
internal sealed class HeldClock(TimeProvider inner) : ForwardingClock(inner)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isArmed;

    /// <summary>From now on the next one is held up, and no other.</summary>
    public void Arm() => Volatile.Write(ref _isArmed, 1);

    /// <summary>Waits until a call is held up. One that has come back without reading the clock never will be, nor is another in its place.</summary>
    public async Task ReachAsync(Task call)
    {
        await TimeLimit.OfAsync(Task.WhenAny(_reached.Task, call));
        if (!_reached.Task.IsCompleted)
            Volatile.Write(ref _isArmed, 0);
    }

    /// <summary>Lets the one who is held up go on, with the time at which it came.</summary>
    public void Release() => _released.TrySetResult();

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        var now = base.GetUtcNow();
        if (Interlocked.Exchange(ref _isArmed, 0) == 1)
        {
            _reached.SetResult();
#pragma warning disable VSTHRD002 // To hold up a reader of the clock, who cannot wait in any other way, is what it is for.
            _released.Task.Wait();
#pragma warning restore VSTHRD002
        }

        return now;
    }
}
