using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("answers a request anew that did not finish, and that a later run has answered since", "6.5", "19.1", "19.5")]
public sealed class AnswersAnewWhatWasAnsweredSince(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        await base.BeginTurnAsync(command, cancellationToken) is var outcome && outcome is TurnCompletedBefore { Run.IdempotencyKey: null }
            ? await base.BeginTurnAsync(command with { IdempotencyKey = null }, cancellationToken)
            : outcome;
}

/// <summary>A store that can look at the later runs of a request which is to run again, and take one of them for its answer.</summary>
public abstract class AnswerSeekingStore(TimeProvider clock) : KeyWatchingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (await LeftInAnActiveOneAsync(command) is not { } known)
            return await base.BeginTurnAsync(command, cancellationToken);

        var runs = await Inner.ListRunsAsync(new RunListing { ConversationId = known.ConversationId, Access = Host, Limit = int.MaxValue }, cancellationToken);
        return Choose(known, [.. runs.Where(run => run.Number != known.Number)]) is { } answer
            ? new TurnCompletedBefore(answer)
            : await base.BeginTurnAsync(command, cancellationToken);
    }

    /// <summary>What is taken for the answer; <see langword="null"/> to go on as is right.</summary>
    /// <param name="known">The run that has the key.</param>
    /// <param name="others">The other runs of its conversation, newest first.</param>
    protected abstract ConversationRun? Choose(ConversationRun known, IReadOnlyList<ConversationRun> others);

    protected static bool IsOnSameInput(ConversationRun one, ConversationRun other) => (one.InputPosition, one.InputCount) == (other.InputPosition, other.InputCount);

    protected static bool IsAnswer(ConversationRun run) => run.Outcome is RunStatus.Completed or RunStatus.RequiresAction;
}

[Breaks("gives the first run that answered a request since, not the last", "6.5", "19.5")]
public sealed class GivesTheFirstAnswerSince(TimeProvider clock) : AnswerSeekingStore(clock)
{
    protected override ConversationRun? Choose(ConversationRun known, IReadOnlyList<ConversationRun> others) =>
        others.LastOrDefault(run => run.Number > known.Number && IsOnSameInput(run, known) && IsAnswer(run));
}

[Breaks("takes a later run that failed on the same input for an answer", "6.5")]
public sealed class TakesAFailureForAnAnswer(TimeProvider clock) : AnswerSeekingStore(clock)
{
    protected override ConversationRun? Choose(ConversationRun known, IReadOnlyList<ConversationRun> others) =>
        others.FirstOrDefault(run => run.Number > known.Number && IsOnSameInput(run, known) && !IsAnswer(run));
}

[Breaks("takes a later run that restored, and said nothing, for an answer", "6.5", "19.3")]
public sealed class TakesARestoreForAnAnswer(TimeProvider clock) : AnswerSeekingStore(clock)
{
    protected override ConversationRun? Choose(ConversationRun known, IReadOnlyList<ConversationRun> others) =>
        others.FirstOrDefault(run => run.Number > known.Number && IsOnSameInput(run, known) && IsAnswer(run) && run.OutputCount == 0);
}

[Breaks("takes an answer to half of the input of a request for one to all of it", "6.5")]
public sealed class TakesHalfAnAnswer(TimeProvider clock) : AnswerSeekingStore(clock)
{
    protected override ConversationRun? Choose(ConversationRun known, IReadOnlyList<ConversationRun> others) =>
        others.FirstOrDefault(run => run.Number > known.Number && run.InputPosition == known.InputPosition && IsAnswer(run));
}

[Breaks("takes what was answered before a request for its answer", "6.5", "19.1")]
public sealed class TakesAnEarlierAnswer(TimeProvider clock) : AnswerSeekingStore(clock)
{
    protected override ConversationRun? Choose(ConversationRun known, IReadOnlyList<ConversationRun> others) =>
        others.FirstOrDefault(run => run.Number < known.Number && IsOnSameInput(run, known) && IsAnswer(run));
}

[Breaks("gives the run that answered a request since also where its conversation has ended", "6.6")]
public sealed class GivesAnAnswerAfterTheEnd(TimeProvider clock) : KeyWatchingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (await LeftInAnEndedOneAsync(command) is not { } known)
            return await base.BeginTurnAsync(command, cancellationToken);

        var runs = await Inner.ListRunsAsync(new RunListing { ConversationId = known.ConversationId, Access = Host, Limit = int.MaxValue }, cancellationToken);
        return runs.FirstOrDefault(run => run.Number > known.Number && run.InputPosition == known.InputPosition && run.Outcome == RunStatus.Completed) is { } answer
            ? new TurnCompletedBefore(answer)
            : await base.BeginTurnAsync(command, cancellationToken);
    }
}

[Breaks("says that a request is locked before it finds that a later run has answered it", "6.5", "4.2")]
public sealed class FindsALockBeforeAnAnswer(TimeProvider clock) : LeaseWatchingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        await base.BeginTurnAsync(command, cancellationToken) is var outcome
        && outcome is TurnCompletedBefore { Run: { IdempotencyKey: null } run } && OpenLeaseOf(run.ConversationId) is { } open
            ? new TurnLocked(run.ConversationId, open.Lease.Fence, open.Expires - Now)
            : outcome;
}

[Breaks("says that a conversation has moved before it finds that a later run has answered the request", "6.5")]
public sealed class FindsAMoveBeforeAnAnswer(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome) =>
        outcome is TurnCompletedBefore { Run.IdempotencyKey: null } && command.ExpectedLastPosition is not null ? new TurnConversationMoved() : outcome;
}

/// <summary>A right store that can look at the input of a request which is to run again.</summary>
public abstract class SavedInputStore(TimeProvider clock) : KeyWatchingStore(clock)
{
    /// <summary>The run of a request that is to run again, and those of its messages that are there still.</summary>
    protected async ValueTask<(ConversationRun? Run, IReadOnlyList<ConversationMessage> Input)> SavedAsync(BeginTurnCommand command) =>
        await LeftInAnActiveOneAsync(command) is { } run
            ? (run, [.. (await AllMessagesAsync(run.ConversationId)).Where(message => message.Position >= run.InputPosition && message.Position < run.InputPosition + run.InputCount)])
            : (null, []);
}

[Breaks("runs a request again on input that is superseded", "6.6")]
public sealed class RunsAgainOnSupersededInput(TimeProvider clock) : SavedInputStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var (run, input) = await SavedAsync(command);
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        return outcome is TurnBegun begun && run is not null && input.Any(message => message.IsSuperseded)
            ? begun with { Lease = begun.Lease with { ConversationId = run.ConversationId }, InputPosition = run.InputPosition, IsOnSavedInput = true, StartReason = null }
            : outcome;
    }
}

[Breaks("answers a request again whose input is superseded, as an answer again, and looks for nothing", "6.6", "19.1")]
public sealed class AnswersSupersededInputAgain(TimeProvider clock) : SavedInputStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var (run, input) = await SavedAsync(command);
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        return outcome is TurnNotFound && run is not null && input.Any(message => message.IsSuperseded)
            ? await base.BeginTurnAsync(command with { InputAgain = new MessageSpan(1, 1) }, cancellationToken)
            : outcome;
    }
}

[Breaks("begins a request as new whose input is superseded, wherever the conversation was expected", "6.6", "5.7")]
public sealed class ExpectsNothingOfSupersededInput(TimeProvider clock) : SavedInputStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        (await SavedAsync(command)).Input.Any(message => message.IsSuperseded)
            ? await base.BeginTurnAsync(command with { ExpectedLastPosition = null }, cancellationToken)
            : await base.BeginTurnAsync(command, cancellationToken);
}

/// <summary>A store that begins a request as new, without its key, for something that is so of its input.</summary>
public abstract class TakingInputForGoneStore(TimeProvider clock) : SavedInputStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        await SavedAsync(command) is ({ } run, var input) && await IsGoneAsync(run, input)
            ? await base.BeginTurnAsync(command with { IdempotencyKey = null }, cancellationToken)
            : await base.BeginTurnAsync(command, cancellationToken);

    protected abstract ValueTask<bool> IsGoneAsync(ConversationRun run, IReadOnlyList<ConversationMessage> input);
}

[Breaks("takes deleted input for superseded", "6.5", "13.2")]
public sealed class TakesDeletedForSuperseded(TimeProvider clock) : TakingInputForGoneStore(clock)
{
    protected override ValueTask<bool> IsGoneAsync(ConversationRun run, IReadOnlyList<ConversationMessage> input) => new(input.Count < run.InputCount);
}

[Breaks("takes input for superseded for good, restored or not", "6.5", "19.3")]
public sealed class TakesRestoredForSuperseded(TimeProvider clock) : TakingInputForGoneStore(clock)
{
    private readonly HashSet<string> _superseded = new(StringComparer.Ordinal);

    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (command.SupersedeFrom is not null)
            _superseded.Add(command.Lease.ConversationId);
        return base.CommitTurnAsync(command, cancellationToken);
    }

    protected override ValueTask<bool> IsGoneAsync(ConversationRun run, IReadOnlyList<ConversationMessage> input) => new(_superseded.Contains(run.ConversationId));
}
