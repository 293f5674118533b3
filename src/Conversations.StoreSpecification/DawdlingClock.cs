namespace Conversations.StoreSpecification;

/// <summary>A clock that shows the time of another, and dawdles at every second reading: who reads it between a look and a write is overtaken there by who comes after.</summary>
internal sealed class DawdlingClock(TimeProvider inner) : TimeProvider
{
    private int _readings;

    /// <inheritdoc/>
    public override long TimestampFrequency => inner.TimestampFrequency;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => inner.LocalTimeZone;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        var now = inner.GetUtcNow();
        if (Interlocked.Increment(ref _readings) % 2 == 1)
            Thread.SpinWait(5_000);
        return now;
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => inner.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => inner.CreateTimer(callback, state, dueTime, period);
}
