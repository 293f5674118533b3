using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Begins turns: asks the store, waits in line if that is the policy, and reads the window.</summary>
internal sealed class TurnStarter(IConversationStore store, TimeProvider timeProvider, ILogger logger)
{
    // Other processes do not call when they are done, so the first in line asks again: soon at first, then a few times a second.
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(250);

    // Calls that wait for their results, and the results that came, take no more messages than this.
    private const int OpenCallReach = 128;

    private const long Nowhere = -1;

    private readonly WaitingLines _lines = new();

    /// <summary>Begins a turn as planned.</summary>
    public async Task<ConversationTurn> StartAsync(TurnPlan plan, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!plan.IsPersisted)
            return ConversationTurn.NotStored(plan, Input(plan.Request), timeProvider);

        var (outcome, input) = await BeginAsync(plan, Command(plan), cancellationToken).ConfigureAwait(false);
        if (outcome is TurnCompletedBefore before)
            return ConversationTurn.Replayed(plan, input, await ReplayAsync(plan, before.Run, cancellationToken).ConfigureAwait(false), timeProvider);

        return await OpenAsync(plan, input, (TurnBegun)outcome, cancellationToken).ConfigureAwait(false);
    }

    private BeginTurnCommand Command(TurnPlan plan) => new()
    {
        Access = plan.Access,
        Agent = plan.Settings.Agent,
        Scope = plan.Scope,
        ConversationId = plan.Request.ConversationId,
        StartNew = plan.Request.StartNew,
        NewConversationId = ConversationIds.NewConversation(timeProvider.GetUtcNow()),
        Title = ConversationTitle.From(plan.Request.Input),
        Input = [],
        Caller = plan.Caller?.Key ?? "",
        IdempotencyKey = plan.Request.IdempotencyKey,
        Fingerprint = plan.Request.IdempotencyKey is null ? null : TurnFingerprint.Of(plan.Request),
        LeaseDuration = plan.Settings.LeaseDuration,
    };

    private async Task<ConversationTurn> OpenAsync(TurnPlan plan, ConversationMessage[] input, TurnBegun begun, CancellationToken cancellationToken)
    {
        var session = new TurnSession(store, begun.Lease, plan.Access, timeProvider, logger, _lines);
        try
        {
            var stored = begun.IsOnSavedInput
                ? await ReadSavedInputAsync(plan, input, begun, cancellationToken).ConfigureAwait(false)
                : [.. input.Select((message, i) => session.Stored(message, begun.InputPosition + i))];
            var history = await ReadHistoryAsync(plan, input, begun, cancellationToken).ConfigureAwait(false);
            Log.RunBegan(logger, session.RunId);
            return ConversationTurn.Open(plan, stored, history, timeProvider, session, begun);
        }
        catch (Exception exception)
        {
            // The turn has begun and nobody will hold it: close its run, so that the conversation is free at once.
            await session.GiveUpAsync(exception is OperationCanceledException ? RunStatus.Cancelled : RunStatus.Failed, exception, []).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Reads the input that an earlier run of the request saved. What was deleted since is asked all the same, but stands nowhere.</summary>
    private async Task<ConversationMessage[]> ReadSavedInputAsync(TurnPlan plan, ConversationMessage[] input, TurnBegun begun, CancellationToken cancellationToken)
    {
        var read = await store.ReadMessagesAsync(
            new MessageRange { ConversationId = begun.Lease.ConversationId, Access = plan.Access, After = begun.InputPosition - 1, Limit = input.Length },
            cancellationToken).ConfigureAwait(false);
        var saved = read.ToDictionary(message => message.Position);
        return [.. input.Select((message, i) => saved.GetValueOrDefault(begun.InputPosition + i, message))];
    }

    private async Task<IReadOnlyList<ConversationMessage>> ReadHistoryAsync(
        TurnPlan plan, ConversationMessage[] input, TurnBegun begun, CancellationToken cancellationToken)
    {
        var limit = plan.Settings.HistoryLimit - input.Length;
        if (begun.InputPosition == 1 && begun.LastPosition == input.Length)
            return [];

        // Results are of no use without their calls, so those are read whatever the limit; they stand directly before the results.
        if (input.Any(message => message.Kind == MessageKind.ToolResult))
        {
            var before = await ReadWindowAsync(plan, begun.Lease.ConversationId, begun.InputPosition, Math.Max(limit, OpenCallReach), cancellationToken).ConfigureAwait(false);
            return HistoryWindow.Shape([.. before.TakeLast(Math.Max(limit, OpenCalls.Length(before)))], input);
        }

        if (limit <= 0)
            return [];
        if (!begun.IsOnSavedInput)
            return HistoryWindow.Shape(await ReadWindowAsync(plan, begun.Lease.ConversationId, begun.InputPosition, limit, cancellationToken).ConfigureAwait(false), input);

        // Saved input is asked anew, after what was said since. What its earlier run left half done is left out: this run does it again.
        var read = await ReadWindowAsync(plan, begun.Lease.ConversationId, begun.LastPosition + 1, limit + input.Length, cancellationToken).ConfigureAwait(false);
        var end = begun.InputPosition + input.Length;
        return HistoryWindow.Shape(
            [.. read.Where(message => message.Position < begun.InputPosition || (message.Position >= end && !message.IsPartial)).TakeLast(limit)], input);
    }

    private async Task<IReadOnlyList<ConversationMessage>> ReadWindowAsync(
        TurnPlan plan, string conversationId, long before, int limit, CancellationToken cancellationToken) =>
        await store.ReadWindowAsync(
            new WindowQuery { ConversationId = conversationId, Access = plan.Access, Before = before, Limit = limit },
            cancellationToken).ConfigureAwait(false);

    private async Task<(BeginTurnOutcome Outcome, ConversationMessage[] Input)> BeginAsync(TurnPlan plan, BeginTurnCommand command, CancellationToken cancellationToken)
    {
        var patience = new Patience(timeProvider, plan.WhenBusy.Timeout);
        var (place, early) = patience.IsNone ? (null, null) : await JoinOthersAsync(plan, command, cancellationToken).ConfigureAwait(false);
        if (early is not null)
            return (Accepted(plan, early), Input(plan.Request));

        try
        {
            for (var poll = FirstPoll; ; poll = poll < LongestPoll ? poll * 2 : LongestPoll)
            {
                if (place is not null
                    && !await patience.WaitAsync(place.First, cancellationToken).ConfigureAwait(false)
                    && place.Line.Holder is { } holder)
                {
                    throw Refusal(plan, holder);
                }

                var released = place?.Line.NextRelease;
                var input = Input(plan.Request);
                var outcome = await TryBeginAsync(plan, command with { Input = input }, cancellationToken).ConfigureAwait(false);
                if (patience.IsOver || Holder(outcome) is not { } busy)
                    return (Accepted(plan, outcome), input);

                if (place is null || !string.Equals(place.Line.ConversationId, busy.ConversationId, StringComparison.Ordinal))
                {
                    place?.Dispose();
                    place = _lines.Join(busy.ConversationId, plan.Scope?.SessionId);
                    place.Line.Holder ??= busy;
                    continue;
                }

                place.Line.Holder = busy;
                await patience.WaitAsync(released!, Jittered(poll), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            place?.Dispose();
        }
    }

    /// <summary>Stands behind those who wait for the same conversation already: no place if nobody does, or it is not known yet; an outcome if the store has one without waiting.</summary>
    private async Task<(WaitingPlace? Place, BeginTurnOutcome? Outcome)> JoinOthersAsync(TurnPlan plan, BeginTurnCommand command, CancellationToken cancellationToken)
    {
        if (plan.Request.StartNew || _lines.Find(plan.Request.ConversationId, plan.Scope?.SessionId) is not { } conversationId)
            return (null, null);

        // A line says nothing of who may stand in it, and its conversation may no longer be the scope's current one. So the store is asked first, at a
        // position that no conversation has: it answers what it can answer at once, such as a request that it knows, and begins nothing that is new.
        var outcome = await store.BeginTurnAsync(command with { Input = Input(plan.Request), ExpectedLastPosition = Nowhere }, cancellationToken).ConfigureAwait(false);
        return outcome switch
        {
            TurnConversationMoved => (plan.Scope is null || await IsCurrentAsync(plan.Scope, conversationId, cancellationToken).ConfigureAwait(false)
                ? _lines.Join(conversationId, plan.Scope?.SessionId)
                : null, null),
            _ when Holder(outcome) is { } busy => (_lines.Join(busy.ConversationId, plan.Scope?.SessionId), null),
            _ => (null, outcome),
        };
    }

    private async Task<bool> IsCurrentAsync(ConversationScope scope, string conversationId, CancellationToken cancellationToken) =>
        await store.GetCurrentAsync(scope, cancellationToken).ConfigureAwait(false) is { IsActive: true } current
        && string.Equals(current.Id, conversationId, StringComparison.Ordinal);

    private async Task<BeginTurnOutcome> TryBeginAsync(TurnPlan plan, BeginTurnCommand command, CancellationToken cancellationToken)
    {
        if (plan.Request.Input.All(message => message.Role == MessageRole.User))
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
                throw AnswersNothing(plan.Request);
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

        var tail = await ReadWindowAsync(plan, conversation.Id, conversation.LastPosition + 1, OpenCallReach, cancellationToken).ConfigureAwait(false);
        return OpenCalls.AllAnswer(plan.Request.Input, tail) ? conversation.LastPosition : null;
    }

    private async Task<TurnResult> ReplayAsync(TurnPlan plan, ConversationRun run, CancellationToken cancellationToken)
    {
        IReadOnlyList<ConversationMessage> messages = [];
        if (run.OutputCount > 0)
        {
            var read = await store.ReadMessagesAsync(
                new MessageRange { ConversationId = run.ConversationId, Access = plan.Access, After = run.OutputPosition - 1, Limit = run.OutputCount },
                cancellationToken).ConfigureAwait(false);
            messages = [.. read.Where(message => message.Position < run.OutputPosition + run.OutputCount)];
        }

        return new TurnResult
        {
            ConversationId = run.ConversationId,
            RunId = run.Id,
            InputMessageId = ConversationIds.Message(run.ConversationId, run.InputPosition),
            IsReplay = true,
            Messages = messages,
        };
    }

    private static TurnLocked? Holder(BeginTurnOutcome outcome) => outcome switch
    {
        TurnLocked locked => locked,
        TurnRunning running => new TurnLocked(running.Run.ConversationId, running.Run.Number, running.RetryAfter),
        _ => null,
    };

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

    private static ArgumentException AnswersNothing(TurnRequest request) =>
        new("A tool result of the input answers no call that the conversation left open.", nameof(request));

    private ConversationMessage[] Input(TurnRequest request)
    {
        var now = timeProvider.GetUtcNow();
        return [.. request.Input.Select(message => message with { ConversationId = null, Position = 0, RunNumber = null, IsPartial = false, CreatedAt = now })];
    }

    private static TimeSpan Jittered(TimeSpan poll) => poll * (0.5 + Random.Shared.NextDouble());
}
