namespace Conversations.Benchmarks.Workloads;

/// <summary>A clock that blocks one thread when it reads the time: a store reads it within its lock, so the lock remains taken.</summary>
internal sealed class StoppingClock : TimeProvider, IDisposable
{
    private readonly ManualResetEventSlim _stopped = new();
    private readonly ManualResetEventSlim _goOn = new();
    private int _stopping;

    /// <summary>Runs something on a thread that stops at the clock.</summary>
    /// <returns>A task that ends when the thread was released and has ended.</returns>
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
