using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>A store that never runs a request again whose run ended in one way.</summary>
public abstract class RefusingRetriesStore(TimeProvider clock, RunStatus status) : KeyWatchingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        await LeftInAnActiveOneAsync(command) is { } run && run.Status == status ? new TurnCompletedBefore(run) : await base.BeginTurnAsync(command, cancellationToken);
}

[Breaks("never runs a request again that failed", "6.5")]
public sealed class RunsNothingAgainThatFailed(TimeProvider clock) : RefusingRetriesStore(clock, RunStatus.Failed);

[Breaks("never runs a request again that was cancelled", "6.5")]
public sealed class RunsNothingAgainThatWasCancelled(TimeProvider clock) : RefusingRetriesStore(clock, RunStatus.Cancelled);

[Breaks("never runs a request again that was interrupted", "6.5")]
public sealed class RunsNothingAgainThatWasInterrupted(TimeProvider clock) : RefusingRetriesStore(clock, RunStatus.Interrupted);

[Breaks("never runs a request again whose lease expired", "6.5")]
public sealed class RunsNothingAgainThatExpired(TimeProvider clock) : RefusingRetriesStore(clock, RunStatus.Running);

/// <summary>A store that begins a turn without its key in place of one on saved input, if something is so.</summary>
public abstract class BeginningAnewStore(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is not TurnBegun { IsOnSavedInput: true } begun || !BeginsAnew(command, begun))
            return outcome;

        await Inner.CommitTurnAsync(new CommitTurnCommand { Lease = begun.Lease, Status = RunStatus.Cancelled }, cancellationToken);
        return await base.BeginTurnAsync(command with { IdempotencyKey = null }, cancellationToken);
    }

    protected abstract bool BeginsAnew(BeginTurnCommand command, TurnBegun begun);
}

[Breaks("creates a second conversation for a failed request that asked for a new one", "6.5")]
public sealed class CreatesASecondOneForARetry(TimeProvider clock) : BeginningAnewStore(clock)
{
    protected override bool BeginsAnew(BeginTurnCommand command, TurnBegun begun) => command.StartNew;
}

[Breaks("runs a failed request again in the conversation that is named by id, wherever it ran before", "6.5")]
public sealed class RunsAgainInTheNamedOne(TimeProvider clock) : BeginningAnewStore(clock)
{
    protected override bool BeginsAnew(BeginTurnCommand command, TurnBegun begun) => command.ConversationId is { } id && begun.Lease.ConversationId != id;
}

[Breaks("says that the saved input of a retry stands at the end", "6.5")]
public sealed class MisplacesSavedInput(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome) =>
        outcome is TurnBegun { IsOnSavedInput: true } begun ? begun with { InputPosition = begun.LastPosition } : outcome;
}

[Breaks("counts the input that a retry brought for that of its run", "6.5")]
public sealed class CountsTheInputOfARetry(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<long, int> _counts = [];

    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome)
    {
        if (outcome is TurnBegun begun)
            _counts[begun.Lease.Fence] = command.Input.Count;
        return outcome;
    }

    protected override ConversationRun Shown(ConversationRun run) => _counts.TryGetValue(run.Number, out var count) ? run with { InputCount = count } : run;
}

[Breaks("forgets the key when a request runs again", "6.5")]
public sealed class ForgetsTheKeyOfARetry(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<(string, string), bool> _forgotten = [];

    protected override BeginTurnCommand Asked(BeginTurnCommand command) =>
        command.IdempotencyKey is { } key && _forgotten.ContainsKey((command.Caller, key)) ? command with { IdempotencyKey = null } : command;

    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome)
    {
        if (outcome is TurnBegun { IsOnSavedInput: true } && command.IdempotencyKey is { } key)
            _forgotten[(command.Caller, key)] = true;
        return outcome;
    }
}

[Breaks("takes a lease that another turn holds for a request that runs again", "6.5")]
public sealed class TakesAHeldLeaseForARetry(TimeProvider clock) : KeyWatchingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is not TurnLocked locked || (await LeftInAnActiveOneAsync(command))?.ConversationId != locked.ConversationId)
            return outcome;

        await RevokeAsync(locked.ConversationId);
        return await base.BeginTurnAsync(command, cancellationToken);
    }
}

[Breaks("forgets, when it is closed, that a key went to another run", "6.5")]
public sealed class ForgetsThatAKeyMoved : KeptFixture
{
    private readonly ConcurrentDictionary<(string, string), bool> _moved = [];

    protected override IConversationStore Open(IConversationStore data) => new Forgetful(data, _moved);

    private sealed class Forgetful(IConversationStore data, ConcurrentDictionary<(string, string), bool> moved) : KeptStore(data)
    {
        private readonly HashSet<(string, string)> _known = [];

        public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
        {
            if (command.IdempotencyKey is not { } key)
                return await base.BeginTurnAsync(command, cancellationToken);
            if (moved.ContainsKey((command.Caller, key)) && !_known.Contains((command.Caller, key)))
                return await base.BeginTurnAsync(command with { IdempotencyKey = null }, cancellationToken);

            var outcome = await base.BeginTurnAsync(command, cancellationToken);
            if (outcome is TurnBegun { IsOnSavedInput: true })
            {
                moved[(command.Caller, key)] = true;
                _known.Add((command.Caller, key));
            }

            return outcome;
        }
    }
}
