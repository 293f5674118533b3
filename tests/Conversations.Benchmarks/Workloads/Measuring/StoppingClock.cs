namespace Conversations.Benchmarks.Workloads;

/// <summary>A clock that keeps one thread waiting when it asks for the time: a store asks within its lock, so that the lock stays taken.</summary>
internal sealed class StoppingClock : TimeProvider, IDisposable
{
    private readonly ManualResetEventSlim _stopped = new();
    private readonly ManualResetEventSlim _goOn = new();
    private int _stopping;

    /// <summary>Runs something on a thread that stops at the clock.</summary>
    /// <returns>A task that ends when it was let go on and has ended.</returns>
    public Task StopAsync(Func<Task> runAsync)
    {
        var run = Task.Run(() =>
        {
            Volatile.Write(ref _stopping, Environment.CurrentManagedThreadId);
            return runAsync();
        });
        _stopped.Wait();
        return run;
    }

    public void GoOn() => _goOn.Set();

    public override DateTimeOffset GetUtcNow()
    {
        if (Environment.CurrentManagedThreadId == Volatile.Read(ref _stopping))
        {
            Volatile.Write(ref _stopping, 0);
            _stopped.Set();
            _goOn.Wait();
        }

        return base.GetUtcNow();
    }

    public void Dispose()
    {
        _stopped.Dispose();
        _goOn.Dispose();
    }
}
