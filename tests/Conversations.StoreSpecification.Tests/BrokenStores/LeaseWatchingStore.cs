using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>A right store that knows which leases are open, and when they expire, to do something wrong with them.</summary>
public abstract class LeaseWatchingStore(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, OpenLease> _open = new(StringComparer.Ordinal);

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is TurnBegun begun)
            _open[begun.Lease.ConversationId] = new OpenLease(begun.Lease, Now, Now + command.LeaseDuration);
        return outcome;
    }

    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        var committed = await base.CommitTurnAsync(command, cancellationToken);
        if (committed)
            _open.TryRemove(command.Lease.ConversationId, out _);
        return committed;
    }

    public override async ValueTask<bool> RenewLeaseAsync(TurnLease lease, CancellationToken cancellationToken = default)
    {
        var renewed = await base.RenewLeaseAsync(lease, cancellationToken);
        if (renewed)
            _open[lease.ConversationId] = new OpenLease(lease, Now, Now + lease.Duration);
        return renewed;
    }

    protected OpenLease? OpenLeaseOf(string conversationId) => _open.GetValueOrDefault(conversationId);

    /// <summary>Takes the open lease of a conversation away from its holder.</summary>
    protected async ValueTask RevokeAsync(string conversationId)
    {
        if (OpenLeaseOf(conversationId) is { } open)
            await Inner.CommitTurnAsync(new CommitTurnCommand { Lease = open.Lease, Status = RunStatus.Interrupted });
    }

    protected sealed record OpenLease(TurnLease Lease, DateTimeOffset Taken, DateTimeOffset Expires);
}
