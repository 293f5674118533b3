using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>A store that says that a conversation has moved before it says something else.</summary>
public abstract class MovingStore(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome) =>
        command is { ExpectedLastPosition: not null, IdempotencyKey: null } && ComesFirst(outcome) ? new TurnConversationMoved() : outcome;

    protected abstract bool ComesFirst(BeginTurnOutcome outcome);
}

[Breaks("says that a conversation has moved before it says that it is locked", "5.7")]
public sealed class SaysMovedBeforeLocked(TimeProvider clock) : MovingStore(clock)
{
    protected override bool ComesFirst(BeginTurnOutcome outcome) => outcome is TurnLocked;
}

[Breaks("says that a conversation has moved before it says that it has ended", "5.7")]
public sealed class SaysMovedBeforeEnded(TimeProvider clock) : MovingStore(clock)
{
    protected override bool ComesFirst(BeginTurnOutcome outcome) => outcome is TurnConversationEnded;
}

[Breaks("says that a conversation has moved before it says that it was not found", "5.7")]
public sealed class SaysMovedBeforeNotFound(TimeProvider clock) : MovingStore(clock)
{
    protected override bool ComesFirst(BeginTurnOutcome outcome) => outcome is TurnNotFound;
}

[Breaks("says that a conversation has moved when a request runs again on its saved input", "5.7")]
public sealed class SaysMovedOfARetry(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (command.ExpectedLastPosition is not { } expected || outcome is not TurnBegun { IsOnSavedInput: true } begun || begun.LastPosition == expected)
            return outcome;

        await Inner.CommitTurnAsync(new CommitTurnCommand { Lease = begun.Lease, Status = RunStatus.Cancelled }, cancellationToken);
        return new TurnConversationMoved();
    }
}

[Breaks("begins a turn by id whatever position was expected", "5.7")]
public sealed class ExpectsNothingById(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) => command.ConversationId is null ? command : command with { ExpectedLastPosition = null };
}

[Breaks("begins a new conversation that was asked for whatever position was expected", "5.7")]
public sealed class ExpectsNothingOfARequestedOne(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) => command.StartNew ? command with { ExpectedLastPosition = null } : command;
}

[Breaks("compares the position that is expected of a conversation that begins with that of the one that ended", "5.7")]
public sealed class ExpectsThePositionOfWhatEnded(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (command is not { ExpectedLastPosition: { } expected, StartNew: false, Scope: { } scope } || await Inner.GetCurrentAsync(scope, cancellationToken) is not { IsActive: false } ended)
            return await base.BeginTurnAsync(command, cancellationToken);

        return ended.LastPosition == expected
            ? await base.BeginTurnAsync(command with { ExpectedLastPosition = null }, cancellationToken)
            : new TurnConversationMoved();
    }
}
