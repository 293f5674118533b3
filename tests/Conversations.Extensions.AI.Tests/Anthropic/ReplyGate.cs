namespace Conversations.Extensions.AI.Tests;

/// <summary>Lets the events of a stream out as a test says. Thread-safe; one gate for one answer.</summary>
public sealed class ReplyGate : IDisposable
{
    private readonly SemaphoreSlim _passes = new(0);

    /// <summary>Lets as many events pass as given.</summary>
    public void Pass(int events = 1) => _passes.Release(events);

    /// <summary>Lets the rest pass.</summary>
    public void Open() => _passes.Release(1_000_000);

    public void Dispose() => _passes.Dispose();

    internal Task WaitAsync(CancellationToken cancellationToken) => _passes.WaitAsync(cancellationToken);
}
