namespace Conversations;

/// <summary>The remaining time of a turn that waits.</summary>
internal readonly struct Deadline(TimeProvider timeProvider, TimeSpan timeout)
{
    private readonly long _start = timeProvider.GetTimestamp();

    public bool IsNone => timeout == TimeSpan.Zero;

    public bool IsOver => Left <= TimeSpan.Zero;

    private TimeSpan Left => timeout - timeProvider.GetElapsedTime(_start);

    /// <summary>Waits for a task.</summary>
    /// <returns><see langword="false"/> if the deadline expired first.</returns>
    public Task<bool> WaitAsync(Task task, CancellationToken cancellationToken) => WaitAsync(task, Left, cancellationToken);

    /// <summary>Waits for a task, at most for the given time.</summary>
    /// <returns><see langword="false"/> if the time expired first.</returns>
    public async Task<bool> WaitAsync(Task task, TimeSpan atMost, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (task.IsCompleted)
            return true;

        var wait = atMost < Left ? atMost : Left;
        if (wait <= TimeSpan.Zero)
            return false;

        try
        {
            await task.WaitAsync(wait, timeProvider, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
