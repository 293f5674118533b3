using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Asks the store to begin turns, and queues them for a busy conversation if the busy policy allows it.</summary>
internal sealed class TurnAdmission(ConversationEngine engine, TurnQueue lines, OpenTurns open, TimeProvider timeProvider, ILogger logger)
{
    // Other processes send no signal when they are done, so the first turn in the queue asks again: soon at first, then a few times a second.
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(250);

    /// <summary>Begins a turn, or finds that it was answered before; otherwise throws.</summary>
    /// <returns>The outcome.</returns>
    public async ValueTask<BeginTurnOutcome> BeginAsync(TurnPlan plan, BeginTurnCommand command, CancellationToken cancellationToken)
    {
        var patience = new Deadline(timeProvider, plan.OnBusy.Timeout);
        var (place, early) = patience.IsNone ? (null, null) : await JoinOthersAsync(plan, command, cancellationToken).ConfigureAwait(false);
        if (early is not null)
            return Accepted(plan, early);

        var wait = place is null ? null : Wait(plan, place);
        try
        {
            for (var poll = FirstPoll; ; poll = poll * 2 < LongestPoll ? poll * 2 : LongestPoll)
            {
                if (place is not null
                    && !await patience.WaitAsync(OrClosedAsync(place.First), cancellationToken).ConfigureAwait(false)
                    && place.Line.Holder is { } holder)
                {
                    throw Refusal(plan, holder);
                }

                open.ThrowIfClosing();
                var released = place?.Line.NextRelease;
                var outcome = await engine.BeginAsync(place is null ? command : WithoutHistory(command), cancellationToken).ConfigureAwait(false);
                if (Holder(outcome) is not { } busy || patience.IsOver)
                {
                    var accepted = Accepted(plan, outcome);
                    wait?.End(isReplay: accepted is TurnCompletedBefore);
                    return accepted;
                }

                if (place is null || !string.Equals(place.Line.ConversationId, busy.ConversationId, StringComparison.Ordinal))
                {
                    var next = lines.Join(busy.ConversationId, plan.Scope?.SessionId) ?? throw Refusal(plan, busy);
                    place?.Dispose();
                    place = next;
                    place.Line.Holder ??= busy;
                    wait ??= Wait(plan, place);
                    continue;
                }

                place.Line.Holder = busy;
                await patience.WaitAsync(OrClosedAsync(released!), Jitter.Of(poll), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (wait is not null)
        {
            wait.Fail(exception);
            throw;
        }
        finally
        {
            place?.Dispose();
        }
    }

    /// <summary>Finds the run of a request that was answered before, by its key alone. No turn begins.</summary>
    /// <exception cref="IdempotencyMismatchException">The key was used for another request.</exception>
    public async Task<ConversationRun?> FindAnsweredAsync(TurnPlan plan, BeginTurnCommand command, CancellationToken cancellationToken) =>
        await engine.FindAnswerAsync(command, cancellationToken).ConfigureAwait(false) switch
        {
            TurnCompletedBefore before => before.Run,
            TurnMismatch mismatch => throw Refusal(plan, mismatch),
            _ => null,
        };

    /// <summary>Joins the queue for the conversation if there is one. Returns an outcome instead if the turn need not wait, and neither if no turn waits or the conversation is not known yet. If the queue is full, the turn is refused.</summary>
    private async Task<(WaitingPlace? Place, BeginTurnOutcome? Outcome)> JoinOthersAsync(TurnPlan plan, BeginTurnCommand command, CancellationToken cancellationToken)
    {
        if (plan.Request.StartNew || lines.Find(plan.ConversationId, plan.Scope?.SessionId) is not { } conversationId)
            return (null, null);

        // A queue does not check access, and its conversation may no longer be the current one of the scope. So the outcome is read first: a known request need not wait.
        var outcome = await engine.PeekAsync(WithoutHistory(command), cancellationToken).ConfigureAwait(false);
        if (outcome is TurnBegun begun && !string.Equals(begun.Lease.ConversationId, conversationId, StringComparison.Ordinal))
            return (null, null);

        // The conversation can be free for a moment. The turns that wait precede this one, also if there is no room behind them.
        var busy = outcome is TurnBegun ? lines.HolderOf(conversationId) : Holder(outcome);
        if (busy is null && outcome is not TurnBegun)
            return (null, outcome);
        var place = lines.Join(busy?.ConversationId ?? conversationId, plan.Scope?.SessionId);
        return place is null && busy is not null ? throw Refusal(plan, busy) : (place, null);
    }

    private Task OrClosedAsync(Task task) => task.IsCompleted ? task : Task.WhenAny(task, open.Closed);

    // A turn that waits asks often. It reads the history when it has begun.
    private static BeginTurnCommand WithoutHistory(BeginTurnCommand command) => command with { Window = null, WithSummary = false };

    private LockWait Wait(TurnPlan plan, WaitingPlace place) => new(plan.Settings.Agent, place.Line.ConversationId, timeProvider, logger);

    /// <summary>Returns the lease that locks the conversation; null if it is free.</summary>
    /// <exception cref="TurnNestedException">The lease is held by the turn whose agent runs this code, and which cannot end before this turn has begun.</exception>
    private static TurnLocked? Holder(BeginTurnOutcome outcome)
    {
        var holder = outcome switch
        {
            TurnLocked locked => locked,
            TurnRunning running => new TurnLocked(running.Run.ConversationId, running.Run.Number, running.RetryAfter),
            _ => null,
        };
        if (holder is not null && ConversationIds.Run(holder.ConversationId, holder.HolderRunNumber) is var runId && ReentrancyGuard.Is(runId))
            throw new TurnNestedException(holder.ConversationId, runId);
        return holder;
    }

    private static BeginTurnOutcome Accepted(TurnPlan plan, BeginTurnOutcome outcome) =>
        outcome is TurnBegun or TurnCompletedBefore ? outcome : throw Refusal(plan, outcome);

    private static Exception Refusal(TurnPlan plan, BeginTurnOutcome outcome) => outcome switch
    {
        TurnLocked locked => new ConversationLockedException(
            locked.ConversationId, ConversationIds.Run(locked.ConversationId, locked.HolderRunNumber), locked.RetryAfter),
        TurnRunning running => new TurnInProgressException(running.Run.Id, running.RetryAfter),
        TurnConversationEnded ended => new ConversationEndedException(ended.ConversationId),
        TurnNotFound => new ConversationNotFoundException(plan.ConversationId ?? ""),
        TurnMismatch => new IdempotencyMismatchException(plan.Request.IdempotencyKey ?? ""),
        TurnCallsNotOpen => new ToolCallNotOpenException(),
        TurnOutdated outdated => new HistoryOutdatedException(plan.Request.AfterMessageId ?? "") { CanBeRestored = outdated.CanBeRestored },
        _ => new InvalidOperationException($"Unexpected outcome: {outcome.GetType().Name}."),
    };
}
