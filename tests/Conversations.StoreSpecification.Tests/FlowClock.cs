namespace Conversations.StoreSpecification.Tests;

/// <summary>Shows each flow of calls the time that it read last, if it has read any.</summary>
internal sealed class FlowClock(TimeProvider inner) : TimeProvider
{
    private readonly AsyncLocal<DateTimeOffset?> _read = new();

    public void Read() => _read.Value = inner.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => _read.Value ?? inner.GetUtcNow();
}
