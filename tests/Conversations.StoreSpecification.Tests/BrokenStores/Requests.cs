using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("takes a key for the scope's, whoever the caller is", "6.1")]
public sealed class ForgetsTheCallerOfAKey(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) => command with { Caller = "anyone" };
}

[Breaks("takes a key for the caller's, whatever the scope is", "6.1")]
public sealed class ForgetsTheScopeOfAKey(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<(string, string), ConversationScope> _scopes = [];

    protected override BeginTurnCommand Asked(BeginTurnCommand command) =>
        command is { IdempotencyKey: { } key, Scope: { } scope } ? command with { Scope = _scopes.GetOrAdd((command.Caller, key), scope) } : command;
}

[Breaks("looks for the key of a turn by id nowhere", "6.1")]
public sealed class KnowsNoKeysById(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) => command.ConversationId is null ? command : command with { IdempotencyKey = null };
}

[Breaks("compares keys ignoring case", "6.1", "9.1")]
public sealed class ComparesKeysIgnoringCase(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, string> _keys = new(StringComparer.OrdinalIgnoreCase);

    protected override BeginTurnCommand Asked(BeginTurnCommand command) =>
        command.IdempotencyKey is { } key ? command with { IdempotencyKey = _keys.GetOrAdd(key, key) } : command;
}

[Breaks("does not look at the fingerprint", "6.2")]
public sealed class IgnoresTheFingerprint(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) => command with { Fingerprint = command.IdempotencyKey };
}

[Breaks("begins a completed request again", "6.3")]
public sealed class RunsACompletedRequestAgain(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        return outcome is TurnCompletedBefore ? await base.BeginTurnAsync(command with { IdempotencyKey = null }, cancellationToken) : outcome;
    }
}

[Breaks("begins a completed request again once its conversation has ended", "6.3")]
public sealed class ForgetsACompletedRequestOfAnEndedConversation(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        return outcome is TurnCompletedBefore { Run.ConversationId: var id } && await Inner.GetConversationAsync(id, Host, cancellationToken) is { IsActive: false }
            ? await base.BeginTurnAsync(command with { IdempotencyKey = null }, cancellationToken)
            : outcome;
    }
}

[Breaks("says locked of a completed request while another turn is open", "6.3")]
public sealed class SaysLockedBeforeCompleted(TimeProvider clock) : LeaseWatchingStore(clock)
{
    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome) =>
        outcome is TurnCompletedBefore { Run.ConversationId: var id } && OpenLeaseOf(id) is { } open && open.Expires > Now
            ? new TurnLocked(id, open.Lease.Fence, open.Expires - Now)
            : outcome;
}

[Breaks("says locked of a request that is running", "6.4")]
public sealed class SaysLockedOfWhatIsRunning(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome) =>
        outcome is TurnRunning running ? new TurnLocked(running.Run.ConversationId, running.Run.Number, running.RetryAfter) : outcome;
}

[Breaks("begins a running request again once its conversation has ended", "6.4")]
public sealed class ForgetsARunningRequestOfAnEndedConversation(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        return outcome is TurnRunning { Run.ConversationId: var id } && await Inner.GetConversationAsync(id, Host, cancellationToken) is { IsActive: false }
            ? await base.BeginTurnAsync(command with { IdempotencyKey = null }, cancellationToken)
            : outcome;
    }
}

[Breaks("appends the input again when a failed request runs again", "6.5")]
public sealed class AppendsSavedInputAgain(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is not TurnBegun { IsOnSavedInput: true } begun)
            return outcome;

        await Inner.CommitTurnAsync(new CommitTurnCommand { Lease = begun.Lease, Status = RunStatus.Cancelled }, cancellationToken);
        return await base.BeginTurnAsync(command with { IdempotencyKey = null }, cancellationToken);
    }
}

[Breaks("runs a failed request again in the current conversation, wherever it ran before", "6.5")]
public sealed class RunsAgainInTheCurrentOne(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is not TurnBegun { IsOnSavedInput: true } begun || (await TargetAsync(command))?.Id is not { } current || current == begun.Lease.ConversationId)
            return outcome;

        await Inner.CommitTurnAsync(new CommitTurnCommand { Lease = begun.Lease, Status = RunStatus.Cancelled }, cancellationToken);
        return await base.BeginTurnAsync(command with { IdempotencyKey = null }, cancellationToken);
    }
}

[Breaks("does not say that a run is on saved input", "6.5")]
public sealed class HidesSavedInput(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome) =>
        outcome is TurnBegun begun ? begun with { IsOnSavedInput = false } : outcome;
}

[Breaks("leaves the key with the old run when a request runs again", "6.5", "6.6")]
public sealed class LeavesTheKeyWithTheOldRun(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<long, string?> _keys = [];

    protected override ConversationRun Shown(ConversationRun run) => run with { IdempotencyKey = _keys.GetValueOrDefault(run.Number) };

    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome)
    {
        if (outcome is TurnBegun begun)
            _keys[begun.Lease.Fence] = command.IdempotencyKey;
        return outcome;
    }
}

[Breaks("takes no key for a key like any other", "6.1")]
public sealed class TakesNoKeyForAKey(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) =>
        command.IdempotencyKey is null ? command with { IdempotencyKey = "", Fingerprint = "" } : command;
}

[Breaks("takes the key from a failed run before it finds that another turn holds the lease", "6.5")]
public sealed class LosesTheKeyToALock(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<(string?, string?), bool> _lost = [];

    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome)
    {
        if (outcome is TurnLocked && command.IdempotencyKey is { } key)
            _lost[(command.Caller, key)] = true;
        return outcome;
    }

    protected override ConversationRun Shown(ConversationRun run) =>
        _lost.ContainsKey((run.Caller, run.IdempotencyKey)) ? run with { IdempotencyKey = null } : run;
}
