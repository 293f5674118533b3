namespace Conversations.StoreSpecification;

/// <summary>A clock that shows the time of another, and dawdles at every second reading: who reads it between a look and a write is overtaken there by who comes after.</summary>
internal sealed class DawdlingClock(TimeProvider inner) : ForwardingClock(inner)
{
    private int _readings;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        var now = base.GetUtcNow();
        if (Interlocked.Increment(ref _readings) % 2 == 1)
            Thread.SpinWait(5_000);
        return now;
    }
}
