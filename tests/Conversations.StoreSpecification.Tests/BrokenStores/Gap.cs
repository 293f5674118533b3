namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>A gap between what a store finds and what it makes of that: whoever gets there waits until another has come, too.</summary>
internal sealed class Gap
{
    // Who is alone goes on after so many turns of the threads. All who run at the same time have come by then.
    private const int Deadline = 2_000;

    private int _came;

    /// <summary>Comes, and waits for another.</summary>
    public ValueTask PassAsync() => WaitAsync(Interlocked.Increment(ref _came));

    /// <summary>Waits for another, for whom it has not come itself.</summary>
    public ValueTask WaitAsync() => WaitAsync(Volatile.Read(ref _came));

    /// <summary>Comes, and goes on.</summary>
    public void Come() => Interlocked.Increment(ref _came);

    private async ValueTask WaitAsync(int came)
    {
        for (var turn = 1; turn <= Deadline && Volatile.Read(ref _came) == came; turn++)
        {
            await Task.Yield();

            // On a busy machine the other may stand still on a thread that has no processor.
            if (turn % 500 == 0)
                Thread.Yield();
        }
    }
}
