using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("takes over the expired lease of the old conversation when a new one is asked for", "4.5")]
public sealed class TakesOverWhatItLeaves(TimeProvider clock) : LeaseWatchingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (command is { StartNew: true, Scope: { } scope } && await Inner.GetCurrentAsync(scope, cancellationToken) is { } old && OpenLeaseOf(old.Id) is { } open && open.Expires <= Now)
            await RevokeAsync(old.Id);
        return await base.BeginTurnAsync(command, cancellationToken);
    }
}

/// <summary>A right store that knows for how long a lease was taken, whatever it was renewed for.</summary>
public abstract class DurationKeepingStore(TimeProvider clock) : LeaseWatchingStore(clock)
{
    private readonly ConcurrentDictionary<long, TimeSpan> _taken = [];

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (command.IdempotencyKey is null && await TargetAsync(command) is { IsActive: true } target && OpenLeaseOf(target.Id) is { } open
            && await LockedAsync(open, _taken[open.Lease.Fence]) is { } locked)
        {
            return locked;
        }

        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is TurnBegun begun)
            _taken[begun.Lease.Fence] = command.LeaseDuration;
        return outcome;
    }

    /// <summary>What stands in the way of a turn.</summary>
    protected abstract ValueTask<TurnLocked?> LockedAsync(OpenLease open, TimeSpan taken);
}

[Breaks("keeps a lease locked after the clock was set back, by the duration that it was taken for, though it was renewed for less", "14.2")]
public sealed class LocksByTheDurationOfTheTaking(TimeProvider clock) : DurationKeepingStore(clock)
{
    protected override ValueTask<TurnLocked?> LockedAsync(OpenLease open, TimeSpan taken)
    {
        var left = open.Expires - Now;
        return new(left > TimeSpan.Zero && left <= taken * 2 ? new TurnLocked(open.Lease.ConversationId, open.Lease.Fence, left) : null);
    }
}

[Breaks("takes a lease that was renewed for much longer than it was taken for to be of the future", "14.2")]
public sealed class FreesByTheDurationOfTheTaking(TimeProvider clock) : DurationKeepingStore(clock)
{
    protected override async ValueTask<TurnLocked?> LockedAsync(OpenLease open, TimeSpan taken)
    {
        if (open.Expires - Now > taken * 2)
            await RevokeAsync(open.Lease.ConversationId);
        return null;
    }
}

[Breaks("takes a request for running whose lease lies further ahead than it may after the clock was set back", "14.2", "6.5")]
public sealed class KeepsARequestRunningInTheFuture(TimeProvider clock) : KeyWatchingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        await EarlierRunAsync(command) is { Status: RunStatus.Running } run && OpenLeaseOf(run.ConversationId) is { } open && open.Expires > Now
            ? new TurnRunning(run, open.Expires - Now)
            : await base.BeginTurnAsync(command, cancellationToken);
}
