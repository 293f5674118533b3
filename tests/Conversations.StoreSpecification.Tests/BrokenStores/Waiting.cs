using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>Right, but for its token: it looks at it when it is called and not again, however long it waits for the writer.</summary>
[Breaks("does not look at the token while it waits for another write", "12.1")]
public sealed class WaitsWithoutItsToken(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return base.BeginTurnAsync(command, CancellationToken.None);
    }

    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return base.CommitTurnAsync(command, CancellationToken.None);
    }
}

[Breaks("waits asynchronously for the writer, without its token", "12.1")]
public sealed class QueuesWithoutItsToken(TimeProvider clock) : RewritingStore(clock)
{
    private readonly SemaphoreSlim _writer = new(1, 1);

    public override ValueTask<bool> RenewLeaseAsync(TurnLease lease, CancellationToken cancellationToken = default) =>
        WriteAsync(() => base.RenewLeaseAsync(lease, CancellationToken.None), cancellationToken);

    public override ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        WriteAsync(() => base.DeleteConversationAsync(conversationId, access, CancellationToken.None), cancellationToken);

    protected override ValueTask DisposeAsyncCore()
    {
        _writer.Dispose();
        return base.DisposeAsyncCore();
    }

    private async ValueTask<bool> WriteAsync(Func<ValueTask<bool>> write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await _writer.WaitAsync(CancellationToken.None);
        try
        {
            return await write();
        }
        finally
        {
            _writer.Release();
        }
    }
}

[Breaks("reads the clock before it waits for the conversation", "14.3")]
public sealed class ReadsTheClockTooEarly : RewritingStore
{
    private readonly EarlyClock _early;

    public ReadsTheClockTooEarly(TimeProvider clock)
        : this(new EarlyClock(clock))
    {
    }

    private ReadsTheClockTooEarly(EarlyClock clock)
        : base(clock, new InMemoryConversationStore(clock)) => _early = clock;

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        _early.Read();
        return await base.BeginTurnAsync(command, cancellationToken);
    }

    /// <summary>Shows each flow of calls the time that it read first.</summary>
    private sealed class EarlyClock(TimeProvider inner) : TimeProvider
    {
        private readonly AsyncLocal<DateTimeOffset?> _read = new();

        public void Read() => _read.Value = inner.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => _read.Value ?? inner.GetUtcNow();
    }
}
