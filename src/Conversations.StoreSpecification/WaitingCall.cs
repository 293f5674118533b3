namespace Conversations.StoreSpecification;

/// <summary>A call on a thread of its own, which a test can follow while another call stands in its way.</summary>
internal sealed class WaitingCall<T>
{
    // A thread may wait for a moment for something else, such as a type that is being loaded.
    private const int Looks = 200;

    // For a thread that does not show that it waits: it spins, or the operating system lets it wait.
    private static readonly TimeSpan ForAThread = TimeSpan.FromMilliseconds(250);

    // For a call that has gone on elsewhere.
    private static readonly TimeSpan ForATask = TimeSpan.FromMilliseconds(20);

    private readonly Thread _thread;
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WaitingCall(Func<Task<T>> call)
    {
        _thread = new Thread(() => Complete(call)) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>What came of the call.</summary>
    public Task<T> Result => TimeLimit.OfAsync(_result.Task);

    /// <summary>Waits until the call has come back, or seems to wait for something.</summary>
    /// <returns>Whether it has come back. One that has not may be on its way back.</returns>
    public async Task<bool> LookBrieflyAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        for (var waiting = 0; _thread.IsAlive && waiting < Looks && TimeProvider.System.GetElapsedTime(began) < ForAThread; waiting = _thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin) ? waiting + 1 : 0)
            Thread.Yield();
        return _thread.IsAlive ? _result.Task.IsCompleted : await LookAsync(ForATask);
    }

    /// <summary>Waits until the call has come back, for no longer than a time.</summary>
    /// <returns>Whether it has come back.</returns>
    public Task<bool> LookAsync(TimeSpan time) => TimeLimit.LookAsync(_result.Task, time);

    private void Complete(Func<Task<T>> call)
    {
        Task<T> task;
        try
        {
            task = call();
        }
        catch (Exception exception)
        {
            task = Task.FromException<T>(exception);
        }

        _ = task.ContinueWith(ended => _result.SetFromTask(ended), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
