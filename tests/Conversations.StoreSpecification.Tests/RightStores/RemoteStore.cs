using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.RightStores;

/// <summary>A database far away, which locks row by row: a new conversation waits for nobody. What was sent to it is written, and its answer is on the way for a while.</summary>
public sealed class RemoteStore : OrderingStore
{
    // Longer than the kit looks at first: it must not take an answer that is late for a write that waits.
    private static readonly TimeSpan WayBack = TimeSpan.FromMilliseconds(60);

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _rows = new(StringComparer.Ordinal);
    private readonly FlowClock _clock;

    public RemoteStore(TimeProvider clock)
        : this(new FlowClock(clock))
    {
    }

    private RemoteStore(FlowClock clock)
        : base(new InMemoryConversationStore(clock)) => _clock = clock;

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        // By scope it locks the row of the conversation that the scope points to.
        var current = command is { StartNew: false, Scope: { } scope } ? await Inner.GetCurrentAsync(scope, cancellationToken) : null;
        return current is null
            ? await base.BeginTurnAsync(command, cancellationToken)
            : await WriteAsync(current.Id, () => Inner.BeginTurnAsync(command, CancellationToken.None), cancellationToken);
    }

    protected override async ValueTask<T> WriteAsync<T>(string row, Func<ValueTask<T>> write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var gate = _rows.GetOrAdd(row, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken);
        T result;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            _clock.Read();
            result = await write();
        }
        finally
        {
            gate.Release();
        }

        await ComeBackAsync();
        return result;
    }

    private static async Task ComeBackAsync()
    {
        var arrival = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var network = TimeProvider.System.CreateTimer(_ => arrival.TrySetResult(), null, WayBack, Timeout.InfiniteTimeSpan);
        await arrival.Task;
    }
}
