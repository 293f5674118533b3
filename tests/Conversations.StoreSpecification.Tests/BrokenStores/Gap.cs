namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>A place between a check and a write, at which a call waits until another arrives.</summary>
internal sealed class Gap
{
    // A call that is alone continues after this number of turns. Calls that run at the same time have arrived by then.
    private const int Turns = 2_000;

    private int _arrived;

    /// <summary>Arrives, and waits for another call.</summary>
    public ValueTask PassAsync() => WaitAsync(Interlocked.Increment(ref _arrived));

    /// <summary>Waits for another call without arriving.</summary>
    public ValueTask WaitAsync() => WaitAsync(Volatile.Read(ref _arrived));

    /// <summary>Arrives, and continues.</summary>
    public void Arrive() => Interlocked.Increment(ref _arrived);

    private async ValueTask WaitAsync(int arrived)
    {
        for (var turn = 1; turn <= Turns && Volatile.Read(ref _arrived) == arrived; turn++)
        {
            await Task.Yield();

            // On a busy machine the other call may be on a thread that has no processor.
            if (turn % 500 == 0)
                Thread.Yield();
        }
    }
}
