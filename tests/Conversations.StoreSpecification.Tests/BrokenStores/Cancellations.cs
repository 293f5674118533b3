using System.Collections.Concurrent;
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

[Breaks("begins a turn, and then looks at the token", "12.1", "3.1")]
public sealed class CancelsAfterTheBeginning(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return outcome;
    }
}

[Breaks("refuses the commit of a turn whose token is cancelled after it began", "12.1")]
public sealed class RemembersTheToken(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<long, CancellationToken> _tokens = [];

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is TurnBegun begun)
            _tokens[begun.Lease.Fence] = cancellationToken;
        return outcome;
    }

    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        !_tokens.GetValueOrDefault(command.Lease.Fence).IsCancellationRequested && await base.CommitTurnAsync(command, cancellationToken);
}
