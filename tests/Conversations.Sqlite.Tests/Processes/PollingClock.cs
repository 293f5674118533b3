using System.Threading.Channels;
using Conversations.StoreSpecification;

namespace Conversations.Sqlite.Tests.Processes;

/// <summary>A clock that only a test moves, and that notifies the test when a timer is set: only then a move has an effect.</summary>
internal sealed class PollingClock(DateTimeOffset start) : TimeProvider
{
    private readonly ManualTimeProvider _inner = new(start);
    private readonly Channel<TimeSpan> _timers = Channel.CreateUnbounded<TimeSpan>();

    public override long TimestampFrequency => _inner.TimestampFrequency;

    public override long GetTimestamp() => _inner.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => _inner.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = _inner.CreateTimer(callback, state, dueTime, period);
        _timers.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Waits until the next timer is set.</summary>
    /// <returns>When it is due, from then.</returns>
    public async Task<TimeSpan> NextTimerAsync(CancellationToken cancellationToken) => await _timers.Reader.ReadAsync(cancellationToken);

    public void Advance(TimeSpan time) => _inner.Advance(time);
}
