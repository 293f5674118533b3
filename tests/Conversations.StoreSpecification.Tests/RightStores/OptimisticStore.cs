using System.Diagnostics.CodeAnalysis;

namespace Conversations.StoreSpecification.Tests.RightStores;

/// <summary>Nobody waits: who finds at its write that another has written since it looked begins again, and looks at the clock again.</summary>
public sealed class OptimisticStore : OrderingStore
{
    private readonly Lock _gate = new();
    private readonly FlowClock _clock;
    private long _version;

    public OptimisticStore(TimeProvider clock)
        : this(new FlowClock(clock))
    {
    }

    private OptimisticStore(FlowClock clock)
        : base(new InMemoryConversationStore(clock)) => _clock = clock;

    protected override async ValueTask<T> WriteAsync<T>(string row, Func<ValueTask<T>> write, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var version = Interlocked.Read(ref _version);
            _clock.Read();
            if (TryWrite(version, write, out var written))
                return await written;
        }
    }

    private bool TryWrite<T>(long version, Func<ValueTask<T>> write, [NotNullWhen(true)] out Task<T>? written)
    {
        lock (_gate)
        {
            var isFirst = _version == version;
            written = isFirst ? write().AsTask() : null;
            _version += isFirst ? 1 : 0;
            return isFirst;
        }
    }
}
