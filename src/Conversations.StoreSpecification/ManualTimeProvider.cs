namespace Conversations.StoreSpecification;

/// <summary>A clock that stands still until a test moves it.</summary>
/// <remarks>
/// <para>Timers and timestamps go by <see cref="Advance"/> alone; setting the time of day moves neither, as on a real machine.
/// A timer that falls due is fired by the thread that advances the clock, in the order in which timers fall due (at the same moment: in
/// which they were set), each while the clock shows its moment. One that is due at once is fired by the next call, even by zero.</para>
/// <para>Safe from any thread; no lock is held while a timer is fired.</para>
/// </remarks>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _elapsed;
    private TimeSpan _target;
    private DateTimeOffset _start;
    private long _settings;

    /// <summary>Makes a clock.</summary>
    /// <param name="start">The time it shows; <see langword="null"/> for noon UTC on 1 June 2025, and a few ticks, so that a store that rounds is found out.</param>
    public ManualTimeProvider(DateTimeOffset? start = null) =>
        _start = start?.ToUniversalTime() ?? new DateTimeOffset(2025, 6, 1, 12, 0, 0, TimeSpan.Zero).AddTicks(1_234_567);

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _start + _elapsed;
    }

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        lock (_gate)
            return _elapsed.Ticks;
    }

    /// <summary>Sets the time of day, also back. Timers and timestamps do not notice.</summary>
    /// <param name="now">The time.</param>
    public void SetUtcNow(DateTimeOffset now)
    {
        lock (_gate)
            _start = now.ToUniversalTime() - _elapsed;
    }

    /// <summary>Lets time pass and fires what falls due.</summary>
    /// <param name="time">How long; not negative.</param>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        lock (_gate)
            _target += time;
        while (TakeDue() is { } timer)
            timer.Fire();
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    internal bool Set(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            if (timer.IsDisposed)
                return false;

            _timers.Remove(timer);
            if (dueTime == Timeout.InfiniteTimeSpan)
                return true;

            timer.Due = _elapsed + dueTime;
            timer.Period = period;
            timer.Setting = ++_settings;
            _timers.Add(timer);
            return true;
        }
    }

    internal void Remove(ManualTimer timer)
    {
        lock (_gate)
        {
            timer.IsDisposed = true;
            _timers.Remove(timer);
        }
    }

    private ManualTimer? TakeDue()
    {
        lock (_gate)
        {
            var next = _timers.MinBy(timer => (timer.Due, timer.Setting));
            if (next is null || next.Due > _target)
            {
                _elapsed = _target;
                return null;
            }

            _elapsed = next.Due > _elapsed ? next.Due : _elapsed;
            if (next.Period > TimeSpan.Zero)
                next.Due += next.Period;
            else
                _timers.Remove(next);
            return next;
        }
    }
}
