namespace Conversations.Tests.Rules;

/// <summary>A clock on which a delay passes at once: a timer advances the clock to its due time and runs.</summary>
internal sealed class InstantTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _delays = [];
    private Queue<Action>? _held;
    private long _elapsed;

    /// <summary>Gets the delays so far, in their order.</summary>
    public IReadOnlyList<TimeSpan> Delays
    {
        get
        {
            lock (_gate)
                return [.. _delays];
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _elapsed);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Add(ref _elapsed, dueTime.Ticks);
        lock (_gate)
        {
            _delays.Add(dueTime);
            if (_held is null)
                ThreadPool.QueueUserWorkItem(_ => callback(state));
            else
                _held.Enqueue(() => callback(state));
        }

        return new Timer();
    }

    /// <summary>Does something while no delay ends.</summary>
    public T WhileHeld<T>(Func<T> action)
    {
        var held = new Queue<Action>();
        lock (_gate)
            _held = held;
        var result = action();
        lock (_gate)
            _held = null;
        foreach (var callback in held)
            ThreadPool.QueueUserWorkItem(_ => callback());
        return result;
    }

    private sealed class Timer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
