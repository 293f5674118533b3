using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Asks the store to begin turns, and waits in line for a busy conversation if that is the policy.</summary>
internal sealed class TurnAdmission(IConversationStore store, TurnQueue lines, TimeProvider timeProvider, ILogger logger)
{
    // Other processes do not call when they are done, so the first in line asks again: soon at first, then a few times a second.
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(250);

    // A position that no conversation has: the store answers what it can at once, and begins nothing that is new.
    private const long Nowhere = -1;

    /// <summary>Begins a turn, or finds that it was completed before; anything else is thrown.</summary>
    /// <returns>The outcome, and the input as it was saved if it was.</returns>
    public async ValueTask<(BeginTurnOutcome Outcome, ConversationMessage[] Input)> BeginAsync(TurnPlan plan, BeginTurnCommand command, CancellationToken cancellationToken)
    {
        var patience = new Deadline(timeProvider, plan.OnBusy.Timeout);
        var (place, early) = patience.IsNone ? (null, null) : await JoinOthersAsync(plan, command, cancellationToken).ConfigureAwait(false);
        if (early is not null)
            return (Accepted(plan, early), plan.InputAt(timeProvider.GetUtcNow()));

        var wait = place is null ? null : Wait(plan, place);
        try
        {
            for (var poll = FirstPoll; ; poll = poll * 2 < LongestPoll ? poll * 2 : LongestPoll)
            {
                if (place is not null
                    && !await patience.WaitAsync(place.First, cancellationToken).ConfigureAwait(false)
                    && place.Line.Holder is { } holder)
                {
                    throw Refusal(plan, holder);
                }

                var released = place?.Line.NextRelease;
                var input = plan.InputAt(timeProvider.GetUtcNow());
                var outcome = await TryBeginAsync(plan, plan.Again is null ? command with { Input = input } : command, cancellationToken).ConfigureAwait(false);
                if (Holder(outcome) is not { } busy || patience.IsOver)
                {
                    var accepted = Accepted(plan, outcome);
                    wait?.End(isReplay: accepted is TurnCompletedBefore);
                    return (accepted, input);
                }

                if (place is null || !string.Equals(place.Line.ConversationId, busy.ConversationId, StringComparison.Ordinal))
                {
                    place?.Dispose();
                    place = lines.Join(busy.ConversationId, plan.Scope?.SessionId);
                    place.Line.Holder ??= busy;
                    wait ??= Wait(plan, place);
                    continue;
                }

                place.Line.Holder = busy;
                await patience.WaitAsync(released!, Jittered(poll), cancellationToken).ConfigureAwait(false);
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

    /// <summary>Finds the run of a request that was answered before, by its key alone. Nothing is begun.</summary>
    /// <exception cref="IdempotencyMismatchException">The key was used for another request.</exception>
    public async Task<ConversationRun?> FindAnsweredAsync(TurnPlan plan, BeginTurnCommand command, CancellationToken cancellationToken)
    {
        // Messages that no conversation has, so that even a request that is known and was not answered begins nothing.
        var asked = command with { InputAgain = new MessageSpan(uint.MaxValue, 1), ExpectedLastPosition = Nowhere };
        return await store.BeginTurnAsync(asked, cancellationToken).ConfigureAwait(false) switch
        {
            TurnCompletedBefore before => before.Run,
            TurnMismatch mismatch => throw Refusal(plan, mismatch),
            _ => null,
        };
    }

    /// <summary>Stands behind those who wait for the same conversation already: no place if nobody does, or it is not known yet; an outcome if the store has one without waiting.</summary>
    private async Task<(WaitingPlace? Place, BeginTurnOutcome? Outcome)> JoinOthersAsync(TurnPlan plan, BeginTurnCommand command, CancellationToken cancellationToken)
    {
        if (plan.Request.StartNew || lines.Find(plan.Request.ConversationId, plan.Scope?.SessionId) is not { } conversationId)
            return (null, null);

        // A line says nothing of who may stand in it, and its conversation may no longer be the scope's current one. So the store is asked first, at a
        // position that no conversation has: it answers what it can answer at once, such as a request that it knows, and begins nothing that is new.
        var outcome = await store.BeginTurnAsync(command with { Input = plan.Again is null ? plan.InputAt(timeProvider.GetUtcNow()) : [], ExpectedLastPosition = Nowhere }, cancellationToken).ConfigureAwait(false);
        return outcome switch
        {
            TurnConversationMoved => (plan.Scope is null || await IsCurrentAsync(plan.Scope, conversationId, cancellationToken).ConfigureAwait(false)
                ? lines.Join(conversationId, plan.Scope?.SessionId)
                : null, null),
            _ when Holder(outcome) is { } busy => (lines.Join(busy.ConversationId, plan.Scope?.SessionId), null),
            _ => (null, outcome),
        };
    }

    private LockWait Wait(TurnPlan plan, WaitingPlace place) => new(plan.Settings.Agent, place.Line.ConversationId, timeProvider, logger);

    private async Task<bool> IsCurrentAsync(ConversationScope scope, string conversationId, CancellationToken cancellationToken) =>
        await store.GetCurrentAsync(scope, cancellationToken).ConfigureAwait(false) is { IsActive: true } current
        && string.Equals(current.Id, conversationId, StringComparison.Ordinal);

    private async ValueTask<BeginTurnOutcome> TryBeginAsync(TurnPlan plan, BeginTurnCommand command, CancellationToken cancellationToken)
    {
        if (plan.Again is not null || plan.Request.Input.All(message => message.Role == MessageRole.User))
            return await store.BeginTurnAsync(command, cancellationToken).ConfigureAwait(false);

        while (true)
        {
            // Results must answer calls that are open, and still open when the input is saved. Where they answer none, the turn is begun all the same,
            // at a position that no conversation has: a repeated request is found by its key, a locked or ended conversation is said to be so.
            var openAt = await FindOpenCallsAsync(plan, cancellationToken).ConfigureAwait(false);
            var outcome = await store.BeginTurnAsync(command with { ExpectedLastPosition = openAt ?? Nowhere }, cancellationToken).ConfigureAwait(false);
            if (outcome is not TurnConversationMoved)
                return outcome;
            if (openAt is null)
                throw new ToolCallNotOpenException();
        }
    }

    /// <summary>Returns the last position of the conversation if all results of the input answer calls that are open there; null if not.</summary>
    private async Task<long?> FindOpenCallsAsync(TurnPlan plan, CancellationToken cancellationToken)
    {
        var conversation = plan.Scope is not null
            ? await store.GetCurrentAsync(plan.Scope, cancellationToken).ConfigureAwait(false)
            : await store.GetConversationAsync(plan.Request.ConversationId!, plan.Access, cancellationToken).ConfigureAwait(false);
        if (conversation is not { IsActive: true } || plan.Request.StartNew)
            return null;

        var tail = await TurnReader.ReadLastExchangeAsync(store, plan.Access, conversation.Id, conversation.LastPosition + 1, cancellationToken).ConfigureAwait(false);
        return OpenCalls.AllAnswer(plan.Request.Input, tail) ? conversation.LastPosition : null;
    }

    /// <summary>Who holds the conversation; null if nobody does.</summary>
    /// <exception cref="TurnNestedException">The turn within whose agent we are: it would not end before we have begun.</exception>
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

    private static ConversationException Refusal(TurnPlan plan, BeginTurnOutcome outcome) => outcome switch
    {
        TurnLocked locked => new ConversationLockedException(
            locked.ConversationId, ConversationIds.Run(locked.ConversationId, locked.HolderRunNumber), locked.RetryAfter),
        TurnRunning running => new TurnInProgressException(running.Run.Id, running.RetryAfter),
        TurnConversationEnded ended => new ConversationEndedException(ended.ConversationId),
        TurnNotFound => new ConversationNotFoundException(plan.Request.ConversationId ?? ""),
        TurnMismatch => new IdempotencyMismatchException(plan.Request.IdempotencyKey ?? ""),
        _ => throw new InvalidOperationException($"The store answered {outcome.GetType().Name}."),
    };

    private static TimeSpan Jittered(TimeSpan poll) => poll * (0.5 + Random.Shared.NextDouble());
}
