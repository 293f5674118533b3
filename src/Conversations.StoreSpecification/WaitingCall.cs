namespace Conversations.StoreSpecification;

/// <summary>A call on a separate thread, which a test observes while another call may block it.</summary>
internal sealed class WaitingCall<T>
{
    // A thread may also wait briefly for something else, such as the loading of a type.
    private const int Looks = 200;

    // For a thread that waits without showing it: it spins, or it waits in the operating system.
    private static readonly TimeSpan ForAThread = TimeSpan.FromMilliseconds(250);

    // For a call that continues on another thread.
    private static readonly TimeSpan ForATask = TimeSpan.FromMilliseconds(20);

    private readonly Thread _thread;
    private readonly TaskCompletionSource _returned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WaitingCall(Func<Task<T>> call)
    {
        _thread = new Thread(() => Complete(call)) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Gets the result of the call.</summary>
    public Task<T> Result => TimeLimit.OfAsync(_result.Task);

    /// <summary>Gets a task that completes when the call has returned its task to the caller, completed or not.</summary>
    public Task Returned => _returned.Task;

    /// <summary>Waits until the call has completed or seems to wait for something.</summary>
    public async Task LookBrieflyAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        for (var waiting = 0; _thread.IsAlive && waiting < Looks && TimeProvider.System.GetElapsedTime(began) < ForAThread; waiting = _thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin) ? waiting + 1 : 0)
            Thread.Yield();
        if (!_thread.IsAlive)
            await TimeLimit.LookAsync(_result.Task, ForATask);
    }

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

        _returned.SetResult();
        _ = task.ContinueWith(ended => _result.SetFromTask(ended), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
