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

/// <summary>Reads the clock in some of its writes before it waits for its turn.</summary>
public abstract class EarlyStore : RewritingStore
{
    private readonly FlowClock _early;

    protected EarlyStore(TimeProvider clock)
        : this(new FlowClock(clock))
    {
    }

    private EarlyStore(FlowClock clock)
        : base(clock, new InMemoryConversationStore(clock)) => _early = clock;

    protected async ValueTask<T> EarlyAsync<T>(Func<ValueTask<T>> write)
    {
        _early.Read();
        return await write();
    }
}

[Breaks("reads the clock before it waits for the conversation", "14.3")]
public sealed class BeginsWithAnEarlyTime(TimeProvider clock) : EarlyStore(clock)
{
    public override ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        EarlyAsync(() => base.BeginTurnAsync(command, cancellationToken));
}

[Breaks("renews a lease from when it came, not from when it was its turn", "14.3")]
public sealed class RenewsWithAnEarlyTime(TimeProvider clock) : EarlyStore(clock)
{
    public override ValueTask<bool> RenewLeaseAsync(TurnLease lease, CancellationToken cancellationToken = default) =>
        EarlyAsync(() => base.RenewLeaseAsync(lease, cancellationToken));
}

[Breaks("ends a run when its commit comes, not when that is written", "14.3")]
public sealed class CommitsWithAnEarlyTime(TimeProvider clock) : EarlyStore(clock)
{
    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        EarlyAsync(() => base.CommitTurnAsync(command, cancellationToken));
}

[Breaks("ends a conversation when its end comes, not when that is written", "14.3")]
public sealed class ChangesWithAnEarlyTime(TimeProvider clock) : EarlyStore(clock)
{
    public override ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default) =>
        EarlyAsync(() => base.UpdateConversationAsync(conversationId, access, change, cancellationToken));
}
