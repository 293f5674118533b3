namespace Conversations.StoreSpecification;

/// <summary>A call on a thread of its own, which a test can follow until it gets no further.</summary>
internal sealed class WaitingCall<T>
{
    // A thread may wait for a moment for something else, such as a type that is being loaded.
    private const int Looks = 200;

    private readonly Thread _thread;
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WaitingCall(Func<Task<T>> call)
    {
        _thread = new Thread(() => Complete(call)) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>What came of the call.</summary>
    public Task<T> Result => _result.Task;

    /// <summary>Waits until the call has returned, with its task complete or not, or its thread is waiting.</summary>
    public void RunAsFarAsItGoes()
    {
        for (var waiting = 0; _thread.IsAlive && waiting < Looks; waiting = _thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin) ? waiting + 1 : 0)
            Thread.Yield();
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

        _ = task.ContinueWith(ended => _result.SetFromTask(ended), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
