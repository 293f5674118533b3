namespace Conversations.Storage;

/// <summary>When what was deleted is erased: soon after a deletion. What is left of it is removed then; and when nothing is being written, free pages are given back and the log, which still has it, is emptied.
/// From time to time it is also looked for what other processes have left.</summary>
/// <remarks>The writer holds its lock around each call.</remarks>
/// <param name="timer">A timer that is not started, and begins the erasure.</param>
internal sealed class Erasure(ITimer timer) : IDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(10);

    private TimeSpan _delay = FirstDelay;
    private bool _isScheduled;

    /// <summary>Gets whether the log has what was deleted.</summary>
    public bool IsNeeded { get; private set; }

    /// <summary>Records that something is about to be deleted.</summary>
    public void Need()
    {
        IsNeeded = true;
        _delay = FirstDelay;
    }

    /// <summary>Schedules the erasure if it is needed.</summary>
    public void Schedule()
    {
        if (!IsNeeded || _isScheduled)
            return;

        _isScheduled = true;
        timer.Change(_delay, Timeout.InfiniteTimeSpan);
        _delay = _delay * 2 < LongestDelay ? _delay * 2 : LongestDelay;
    }

    /// <summary>Schedules the erasure for later, unless it is scheduled already: others may have left something.</summary>
    /// <param name="isSoon">Whether it is as soon as after a deletion.</param>
    public void Watch(bool isSoon = false)
    {
        if (!_isScheduled)
            timer.Change(isSoon ? FirstDelay : BetweenLooks, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Records that the scheduled moment has come.</summary>
    public void Begin()
    {
        _isScheduled = false;
        Watch();
    }

    /// <summary>Records that the log is about to be emptied. What is deleted from now on needs another erasure.</summary>
    public void End() => IsNeeded = false;

    /// <summary>Records that the log could not be emptied, because others read or write.</summary>
    public void Retry() => IsNeeded = true;

    public void Dispose() => timer.Dispose();
}
