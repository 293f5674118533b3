using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("names the conversation that a request ran in, instead of the ended one that was named by id", "6.6")]
public sealed class NamesWhereARequestRan(TimeProvider clock) : KeyWatchingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        return outcome is TurnConversationEnded && await EarlierRunAsync(command) is { } run ? new TurnConversationEnded(run.ConversationId) : outcome;
    }
}

[Breaks("says ended of an active conversation that is named by id, because a request ran in one that has ended", "6.6")]
public sealed class SaysEndedOfAnActiveOne(TimeProvider clock) : KeyWatchingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        command.ConversationId is { } id && await LeftInAnEndedOneAsync(command) is not null
            ? new TurnConversationEnded(id)
            : await base.BeginTurnAsync(command, cancellationToken);
}

[Breaks("begins a request anew with the input that its old run saved", "6.6")]
public sealed class BeginsAnewWithSavedInput(TimeProvider clock) : KeyWatchingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (await LeftInAnEndedOneAsync(command) is { } run)
            command = command with { Input = [.. (await AllMessagesAsync(run.ConversationId)).Where(message => message.RunNumber == run.Number)] };
        return await base.BeginTurnAsync(command, cancellationToken);
    }
}

/// <summary>A store that begins a request anew under a key of its own, so that its old run goes on.</summary>
public abstract class LettingGoStore(TimeProvider clock) : KeyWatchingStore(clock)
{
    private const string Again = "again:";

    private readonly ConcurrentDictionary<long, DateTimeOffset> _left = [];

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (await LeftInAnEndedOneAsync(command) is not { } run)
            return await base.BeginTurnAsync(command, cancellationToken);

        var outcome = await base.BeginTurnAsync(command with { IdempotencyKey = Again + command.IdempotencyKey }, cancellationToken);
        if (outcome is TurnBegun)
            _left[run.Number] = Now;
        return outcome;
    }

    protected override ConversationRun Shown(ConversationRun run) =>
        _left.TryGetValue(run.Number, out var left)
            ? Left(run with { IdempotencyKey = null }, left)
            : run with { IdempotencyKey = run.IdempotencyKey?.Replace(Again, "", StringComparison.Ordinal) };

    protected abstract ConversationRun Left(ConversationRun run, DateTimeOffset left);
}

[Breaks("takes the key from the old run of a request that begins anew, and leaves it running", "6.6")]
public sealed class LeavesTheRunBehind(TimeProvider clock) : LettingGoStore(clock)
{
    protected override ConversationRun Left(ConversationRun run, DateTimeOffset left) => run;
}

[Breaks("interrupts the old run of a request that begins anew, and leaves it its lease", "6.6")]
public sealed class LeavesTheLeaseBehind(TimeProvider clock) : LettingGoStore(clock)
{
    protected override ConversationRun Left(ConversationRun run, DateTimeOffset left) =>
        run.Status == RunStatus.Running ? run with { Status = RunStatus.Interrupted, EndedAt = left } : run;
}

[Breaks("gives the start of the old run for its end, when its request begins anew", "6.6")]
public sealed class EndsTheOldRunTooEarly(TimeProvider clock) : KeyWatchingStore(clock)
{
    private readonly ConcurrentDictionary<long, bool> _left = [];

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (await LeftInAnEndedOneAsync(command) is { Status: RunStatus.Running } run)
            _left[run.Number] = true;
        return await base.BeginTurnAsync(command, cancellationToken);
    }

    protected override ConversationRun Shown(ConversationRun run) =>
        run.EndedAt is not null && _left.ContainsKey(run.Number) ? run with { EndedAt = run.StartedAt } : run;
}

[Breaks("takes the key from the old run before it finds that the conversation has moved", "6.6")]
public sealed class LosesTheKeyToAMove(TimeProvider clock) : KeyWatchingStore(clock)
{
    private readonly ConcurrentDictionary<long, bool> _keyless = [];

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is TurnConversationMoved && await LeftInAnEndedOneAsync(command) is { } run)
            _keyless[run.Number] = true;
        return outcome;
    }

    protected override ConversationRun Shown(ConversationRun run) => _keyless.ContainsKey(run.Number) ? run with { IdempotencyKey = null } : run;
}

/// <summary>A store that interrupts the old run of a request before it finds that the new turn cannot begin.</summary>
public abstract class HastyInterruptingStore(TimeProvider clock) : KeyWatchingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (IsTooLate(outcome) && await LeftInAnEndedOneAsync(command) is { Status: RunStatus.Running } run)
            await RevokeAsync(run.ConversationId);
        return outcome;
    }

    protected abstract bool IsTooLate(BeginTurnOutcome outcome);
}

[Breaks("interrupts the old run before it finds that another turn is open", "6.6", "3.1")]
public sealed class InterruptsBeforeItFindsALock(TimeProvider clock) : HastyInterruptingStore(clock)
{
    protected override bool IsTooLate(BeginTurnOutcome outcome) => outcome is TurnLocked;
}

[Breaks("interrupts the old run before it finds that the conversation named by id has ended", "6.6", "3.1")]
public sealed class InterruptsBeforeItFindsTheEnd(TimeProvider clock) : HastyInterruptingStore(clock)
{
    protected override bool IsTooLate(BeginTurnOutcome outcome) => outcome is TurnConversationEnded;
}

[Breaks("interrupts the old run before it finds that the conversation has moved", "6.6", "3.1")]
public sealed class InterruptsBeforeItFindsAMove(TimeProvider clock) : HastyInterruptingStore(clock)
{
    protected override bool IsTooLate(BeginTurnOutcome outcome) => outcome is TurnConversationMoved;
}
