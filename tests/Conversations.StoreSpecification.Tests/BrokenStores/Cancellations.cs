using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("begins a turn although the token is cancelled", "12.1")]
public sealed class BeginsDespiteCancellation(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        base.BeginTurnAsync(command, CancellationToken.None);
}

[Breaks("reads although the token is cancelled", "12.1")]
public sealed class ListsDespiteCancellation(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) =>
        base.ListConversationsAsync(query, CancellationToken.None);
}

[Breaks("looks at the token after it has written", "12.1")]
public sealed class CancelsAfterTheWrite(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        var committed = await base.CommitTurnAsync(command, CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        return committed;
    }
}

[Breaks("deletes, and then looks at the token", "12.1")]
public sealed class CancelsAfterTheDeletion(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        var deleted = await base.DeleteConversationAsync(conversationId, access, CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        return deleted;
    }
}

[Breaks("writes, and then says that it was cancelled", "12.1")]
public sealed class IsCancelledTooLate(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        var committed = await base.CommitTurnAsync(command, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return committed;
    }
}

[Breaks("begins no turn after a cancellation", "12.1")]
public sealed class IsSpentByACancellation(TimeProvider clock) : RewritingStore(clock)
{
    private readonly CancellationTokenSource _spent = new();

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            await _spent.CancelAsync();
        return await base.BeginTurnAsync(command, _spent.Token);
    }

    protected override ValueTask DisposeAsyncCore()
    {
        _spent.Dispose();
        return base.DisposeAsyncCore();
    }
}
