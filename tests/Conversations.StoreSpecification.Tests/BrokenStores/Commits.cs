using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("writes a commit whose lease was taken over, under the lease of who took it", "4.4")]
public sealed class IgnoresTheFence(TimeProvider clock) : LeaseWatchingStore(clock)
{
    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        await base.CommitTurnAsync(command, cancellationToken)
        || (OpenLeaseOf(command.Lease.ConversationId) is { } open && await base.CommitTurnAsync(command with { Lease = open.Lease }, cancellationToken));
}

[Breaks("renews the lease of whoever holds it", "4.4")]
public sealed class RenewsForAnyone(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<bool> RenewLeaseAsync(TurnLease lease, CancellationToken cancellationToken = default)
    {
        await base.RenewLeaseAsync(lease, cancellationToken);
        return true;
    }
}

[Breaks("says that a commit succeeded which it refused", "4.4", "13.3")]
public sealed class SaysThatEveryCommitSucceeded(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        await base.CommitTurnAsync(command, cancellationToken);
        return true;
    }
}

[Breaks("refuses the commit of a lease that expired, though nobody took it over", "4.5")]
public sealed class RefusesALateCommit(TimeProvider clock) : LeaseWatchingStore(clock)
{
    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        (OpenLeaseOf(command.Lease.ConversationId) is not { } open || open.Expires > Now) && await base.CommitTurnAsync(command, cancellationToken);
}

[Breaks("refuses to renew a lease that expired, though nobody took it over", "4.5")]
public sealed class RefusesALateRenewal(TimeProvider clock) : LeaseWatchingStore(clock)
{
    public override async ValueTask<bool> RenewLeaseAsync(TurnLease lease, CancellationToken cancellationToken = default) =>
        (OpenLeaseOf(lease.ConversationId) is not { } open || open.Expires > Now) && await base.RenewLeaseAsync(lease, cancellationToken);
}

[Breaks("renews a lease without letting it run any longer", "4.5", "4.2")]
public sealed class RenewsInNameOnly(TimeProvider clock) : LeaseWatchingStore(clock)
{
    public override ValueTask<bool> RenewLeaseAsync(TurnLease lease, CancellationToken cancellationToken = default) =>
        new(OpenLeaseOf(lease.ConversationId)?.Lease == lease);
}

[Breaks("keeps the lease after a commit", "4.6")]
public sealed class KeepsTheLeaseAfterACommit(TimeProvider clock) : LeaseWatchingStore(clock)
{
    private OpenLease? _kept;

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        _kept is { } kept && kept.Expires > Now && (await TargetAsync(command))?.Id == kept.Lease.ConversationId
            ? new TurnLocked(kept.Lease.ConversationId, kept.Lease.Fence, kept.Expires - Now)
            : await base.BeginTurnAsync(command, cancellationToken);

    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        var open = OpenLeaseOf(command.Lease.ConversationId);
        var committed = await base.CommitTurnAsync(command, cancellationToken);
        if (committed)
            _kept = open;
        return committed;
    }
}

[Breaks("leaves a run open that was committed", "4.6")]
public sealed class LeavesACommittedRunOpen(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run) =>
        run.Status == RunStatus.Completed ? run with { Status = RunStatus.Running, EndedAt = null } : run;
}

[Breaks("takes the lease away when the conversation is ended or archived", "4.7")]
public sealed class RevokesTheLeaseAtTheEnd(TimeProvider clock) : LeaseWatchingStore(clock)
{
    public override async ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default)
    {
        if (change.Status is ConversationStatus.Ended or ConversationStatus.Archived)
            await RevokeAsync(conversationId);
        return await base.UpdateConversationAsync(conversationId, access, change, cancellationToken);
    }
}

[Breaks("takes the lease away when the conversation is renamed", "4.7")]
public sealed class RevokesTheLeaseAtARename(TimeProvider clock) : LeaseWatchingStore(clock)
{
    public override async ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default)
    {
        if (change.Title is not null)
            await RevokeAsync(conversationId);
        return await base.UpdateConversationAsync(conversationId, access, change, cancellationToken);
    }
}

[Breaks("reopens an ended conversation with the commit of its open turn", "4.7")]
public sealed class ReopensWithACommit(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        var committed = await base.CommitTurnAsync(command, cancellationToken);
        if (committed)
            await Inner.UpdateConversationAsync(command.Lease.ConversationId, Host, new ConversationChange { Status = ConversationStatus.Active }, cancellationToken);
        return committed;
    }
}
