namespace Conversations.StoreSpecification;

/// <summary>A timer of a <see cref="ManualTimeProvider"/>. Only the provider reads and writes its state.</summary>
internal sealed class ManualTimer : ITimer
{
    private readonly ManualTimeProvider _clock;
    private readonly TimerCallback _callback;
    private readonly object? _state;

    public ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state)
    {
        _clock = clock;
        _callback = callback;
        _state = state;
    }

    public TimeSpan Due { get; set; }

    public TimeSpan Period { get; set; }

    /// <summary>Gets or sets the sequence number of the last setting, which orders timers that are due at the same time.</summary>
    public long Setting { get; set; }

    public bool IsDisposed { get; set; }

    public void Fire() => _callback(_state);

    public bool Change(TimeSpan dueTime, TimeSpan period) => _clock.Set(this, dueTime, period);

    public void Dispose() => _clock.Remove(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
