using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("says that the whole lease is left, however much of it has run", "4.2")]
public sealed class TellsTheWholeLease(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome) =>
        outcome is TurnLocked locked ? locked with { RetryAfter = command.LeaseDuration } : outcome;
}

[Breaks("lets whoever comes next take a lease that is held", "4.2")]
public sealed class TakesAHeldLease(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is not TurnLocked locked)
            return outcome;

        var lease = new TurnLease(locked.ConversationId, locked.HolderRunNumber, command.LeaseDuration);
        await Inner.CommitTurnAsync(new CommitTurnCommand { Lease = lease, Status = RunStatus.Interrupted }, cancellationToken);
        return await base.BeginTurnAsync(command, cancellationToken);
    }
}

[Breaks("locks all conversations of a scope with one", "4.2", "5.1")]
public sealed class LocksTheScope(TimeProvider clock) : LeaseWatchingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        command is { StartNew: true, Scope: { } scope }
        && await Inner.GetCurrentAsync(scope, cancellationToken) is { } current
        && OpenLeaseOf(current.Id) is { } open && open.Expires > Now
            ? new TurnLocked(current.Id, open.Lease.Fence, open.Expires - Now)
            : await base.BeginTurnAsync(command, cancellationToken);
}

[Breaks("counts the fences of each conversation from 1, and goes on from the highest of those deleted", "4.1")]
public sealed class CountsFencesByConversation(TimeProvider clock) : RewritingStore(clock)
{
    private readonly Dictionary<string, long> _offsets = new(StringComparer.Ordinal);
    private long _deleted;

    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        base.CommitTurnAsync(command with { Lease = command.Lease with { Fence = command.Lease.Fence + _offsets.GetValueOrDefault(command.Lease.ConversationId) } }, cancellationToken);

    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        var last = (await AllMessagesAsync(conversationId)).Max(message => message.RunNumber) ?? 0;
        _deleted = Math.Max(_deleted, last - _offsets.GetValueOrDefault(conversationId));
        return await base.DeleteConversationAsync(conversationId, access, cancellationToken);
    }

    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome)
    {
        if (outcome is not TurnBegun begun)
            return outcome;

        var (id, fence) = (begun.Lease.ConversationId, begun.Lease.Fence);
        if (begun.StartReason is not null)
            _offsets[id] = fence - _deleted - 1;
        return begun with { Lease = begun.Lease with { Fence = fence - _offsets.GetValueOrDefault(id) } };
    }
}

[Breaks("lets a lease expire a tick after its time", "4.3")]
public sealed class ExpiresATickLate(TimeProvider clock) : RewritingStore(clock)
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    protected override BeginTurnCommand Asked(BeginTurnCommand command) => command with { LeaseDuration = command.LeaseDuration + Tick };

    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome) => outcome switch
    {
        TurnBegun begun => begun with { Lease = begun.Lease with { Duration = command.LeaseDuration } },
        TurnLocked locked => locked with { RetryAfter = locked.RetryAfter - Tick },
        _ => outcome,
    };
}

[Breaks("never lets a lease expire", "4.3")]
public sealed class NeverExpires(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) => command with { LeaseDuration = TimeSpan.FromDays(1_000) };

    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome) => outcome switch
    {
        TurnBegun begun => begun with { Lease = begun.Lease with { Duration = command.LeaseDuration } },
        TurnLocked locked => locked with { RetryAfter = command.LeaseDuration },
        _ => outcome,
    };
}

[Breaks("leaves the old run running at a takeover", "4.3", "6.5")]
public sealed class LeavesTheOldRunRunning(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run) =>
        run.Status == RunStatus.Interrupted ? run with { Status = RunStatus.Running, EndedAt = null } : run;
}

[Breaks("does not say when an interrupted run ended", "4.3")]
public sealed class EndsNoInterruptedRun(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run) => run.Status == RunStatus.Interrupted ? run with { EndedAt = null } : run;
}

[Breaks("deletes the input of the turn that was taken over", "4.3")]
public sealed class DropsTheInputAtATakeover(TimeProvider clock) : LeaseWatchingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var open = await TargetAsync(command) is { } target ? OpenLeaseOf(target.Id) : null;
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is TurnBegun begun && open is not null)
        {
            foreach (var message in (await AllMessagesAsync(begun.Lease.ConversationId)).Where(message => message.RunNumber == open.Lease.Fence))
                await Inner.DeleteMessageAsync(begun.Lease.ConversationId, message.Position, Host, cancellationToken);
        }

        return outcome;
    }
}

[Breaks("locks the conversations that it creates", "4.2")]
public sealed class LocksWhatItCreates(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, bool> _created = new(StringComparer.Ordinal);

    public override ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default)
    {
        _created[command.ConversationId] = true;
        return base.CreateConversationAsync(command, cancellationToken);
    }

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        await TargetAsync(command) is { } target && _created.ContainsKey(target.Id)
            ? new TurnLocked(target.Id, 0, command.LeaseDuration)
            : await base.BeginTurnAsync(command, cancellationToken);
}

[Breaks("gives the fences of each two turns in the wrong order", "4.1")]
public sealed class SwapsFences(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        base.CommitTurnAsync(command with { Lease = Swapped(command.Lease) }, cancellationToken);

    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome) =>
        outcome is TurnBegun begun ? begun with { Lease = Swapped(begun.Lease) } : outcome;

    private static TurnLease Swapped(TurnLease lease) => lease with { Fence = lease.Fence ^ 1 };
}
