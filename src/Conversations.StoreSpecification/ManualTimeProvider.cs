namespace Conversations.StoreSpecification;

/// <summary>A clock that changes only when a test changes it.</summary>
/// <remarks>
/// <para>Timers and timestamps follow <see cref="Advance"/> only; <see cref="SetUtcNow"/> affects neither, as on a real machine.
/// The thread that advances the clock runs the timers that become due, in the order of their due times and then in the order in which they were set;
/// the clock shows the due time of each meanwhile. A timer with a due time of zero runs at the next call, even one that advances by zero.</para>
/// <para>Thread-safe. No lock is held while a timer runs.</para>
/// </remarks>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _elapsed;
    private TimeSpan _target;
    private DateTimeOffset _start;
    private long _settings;

    /// <summary>Initializes a clock.</summary>
    /// <param name="start">The initial time; <see langword="null"/> for noon UTC on 1 June 2025 plus some ticks, which reveal a store that rounds times.</param>
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

    /// <summary>Sets the time of day, forward or back. Timers and timestamps are not affected.</summary>
    /// <param name="now">The new time.</param>
    public void SetUtcNow(DateTimeOffset now)
    {
        lock (_gate)
            _start = now.ToUniversalTime() - _elapsed;
    }

    /// <summary>Advances the clock and runs the timers that become due.</summary>
    /// <param name="time">The duration; not negative.</param>
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
