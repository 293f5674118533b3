using Conversations.StoreSpecification;

namespace Conversations.Tests.Turns;

/// <summary>A clock that a test moves, and that can go on while the timers stand still, as for a process that is paused.</summary>
internal sealed class JumpingClock : TimeProvider
{
    private readonly ManualTimeProvider _inner = new();
    private TimeSpan _jumped;

    public override long TimestampFrequency => _inner.TimestampFrequency;

    public override long GetTimestamp() => _inner.GetTimestamp() + _jumped.Ticks;

    public override DateTimeOffset GetUtcNow() => _inner.GetUtcNow() + _jumped;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _inner.CreateTimer(callback, state, dueTime, period);

    public void Advance(TimeSpan time) => _inner.Advance(time);

    public void SetUtcNow(DateTimeOffset now) => _inner.SetUtcNow(now - _jumped);

    /// <summary>Lets time pass and fires nothing.</summary>
    public void Jump(TimeSpan time) => _jumped += time;
}
