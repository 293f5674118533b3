using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Begins turns: asks the store, waits in line if that is the policy, and reads the window.</summary>
internal sealed class TurnStarter(IConversationStore store, TimeProvider timeProvider, ILogger logger)
{
    // Other processes do not call when they are done, so the first in line asks again: soon at first, then a few times a second.
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(250);

    private const long Nowhere = -1;

    private readonly WaitingLines _lines = new();

    /// <summary>Begins a turn as planned.</summary>
    public async Task<ConversationTurn> StartAsync(TurnPlan plan, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var now = timeProvider.GetUtcNow();
        var input = plan.Request.Input.Select(message => Unstored(message) with { CreatedAt = now }).ToArray();
        if (!plan.IsPersisted)
            return ConversationTurn.NotStored(plan, input, timeProvider);

        var command = new BeginTurnCommand
        {
            Access = plan.Access,
            Agent = plan.Settings.Agent,
            Scope = plan.Scope,
            ConversationId = plan.Request.ConversationId,
            StartNew = plan.Request.StartNew,
            NewConversationId = ConversationIds.NewConversation(now),
            Title = ConversationTitle.From(input),
            Input = input,
            Caller = plan.Caller?.Key ?? "",
            IdempotencyKey = plan.Request.IdempotencyKey,
            Fingerprint = plan.Request.IdempotencyKey is null ? null : TurnFingerprint.Of(plan.Request),
            LeaseDuration = plan.Settings.LeaseDuration,
        };
        var outcome = await BeginAsync(plan, command, cancellationToken).ConfigureAwait(false);
        if (outcome is TurnCompletedBefore before)
            return ConversationTurn.Replayed(plan, input, await ReplayAsync(plan, before.Run, cancellationToken).ConfigureAwait(false), timeProvider);

        return await OpenAsync(plan, input, (TurnBegun)outcome, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ConversationTurn> OpenAsync(TurnPlan plan, ConversationMessage[] input, TurnBegun begun, CancellationToken cancellationToken)
    {
        var session = new TurnSession(store, begun.Lease, plan.Access, timeProvider, logger, _lines);
        try
        {
            for (var i = 0; i < input.Length; i++)
                input[i] = session.Stored(input[i], begun.InputPosition + i);
            var history = await ReadHistoryAsync(plan, begun, input, cancellationToken).ConfigureAwait(false);
            Log.RunBegan(logger, session.RunId);
            return ConversationTurn.Open(plan, input, history, timeProvider, session, begun);
        }
        catch (Exception exception)
        {
            // The turn has begun and nobody will hold it: close its run, so that the conversation is free at once.
            await session.GiveUpAsync(exception is OperationCanceledException ? RunStatus.Cancelled : RunStatus.Failed, exception, []).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<IReadOnlyList<ConversationMessage>> ReadHistoryAsync(
        TurnPlan plan, TurnBegun begun, ConversationMessage[] input, CancellationToken cancellationToken)
    {
        // A run on saved input may have been overtaken by other turns; its input then stands among theirs and is taken out below.
        var overtaken = begun.LastPosition >= begun.InputPosition + input.Length;
        var limit = plan.Settings.HistoryLimit - input.Length;
        if (limit <= 0 || begun.LastPosition == input.Length)
            return [];

        var read = await store.ReadWindowAsync(
            new WindowQuery
            {
                ConversationId = begun.Lease.ConversationId,
                Access = plan.Access,
                Before = overtaken ? begun.LastPosition + 1 : begun.InputPosition,
                Limit = overtaken ? limit + input.Length : limit,
            },
            cancellationToken).ConfigureAwait(false);
        if (overtaken)
        {
            var end = begun.InputPosition + input.Length;
            read = [.. read.Where(message => message.Position < begun.InputPosition || message.Position >= end).TakeLast(limit)];
        }

        return HistoryWindow.Shape(read, input);
    }

    private async Task<BeginTurnOutcome> BeginAsync(TurnPlan plan, BeginTurnCommand command, CancellationToken cancellationToken)
    {
        var patience = new Patience(timeProvider, plan.WhenBusy.Timeout);
        var place = patience.IsNone ? null : await JoinOthersAsync(plan, cancellationToken).ConfigureAwait(false);
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
                var outcome = await TryBeginAsync(plan, command, cancellationToken).ConfigureAwait(false);
                if (outcome is TurnBegun or TurnCompletedBefore)
                    return outcome;
                if (patience.IsOver || Holder(outcome) is not { } busy)
                    throw Refusal(plan, outcome);

                if (place is null || !string.Equals(place.Line.ConversationId, busy.ConversationId, StringComparison.Ordinal))
                {
                    place?.Dispose();
                    place = _lines.Join(busy.ConversationId, plan.Target);
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

    /// <summary>Stands behind those who wait for the same conversation already; null if nobody does, or it is not known yet.</summary>
    private async Task<WaitingPlace?> JoinOthersAsync(TurnPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Request.StartNew || _lines.Find(plan.Target) is not { } conversationId)
            return null;

        // The line was for the scope's current conversation when its first place was taken; since then another may have become that.
        if (plan.Scope is not null
            && await store.GetCurrentAsync(plan.Scope, cancellationToken).ConfigureAwait(false) is var current
            && !(current is { IsActive: true } && string.Equals(current.Id, conversationId, StringComparison.Ordinal)))
        {
            return null;
        }

        return _lines.Join(conversationId, plan.Target);
    }

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

        var tail = await store.ReadWindowAsync(
            new WindowQuery
            {
                ConversationId = conversation.Id,
                Access = plan.Access,
                Before = conversation.LastPosition + 1,
                Limit = plan.Settings.HistoryLimit,
            },
            cancellationToken).ConfigureAwait(false);
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

    private static ConversationException Refusal(TurnPlan plan, BeginTurnOutcome outcome) => outcome switch
    {
        TurnLocked locked => new ConversationLockedException(
            locked.ConversationId, ConversationIds.Run(locked.ConversationId, locked.HolderRunNumber), locked.RetryAfter),
        TurnRunning running => new TurnInProgressException(running.Run.Id, running.RetryAfter),
        TurnConversationEnded ended => new ConversationEndedException(ended.ConversationId),
        TurnNotFound => new ConversationNotFoundException(plan.Request.ConversationId ?? plan.Target),
        TurnMismatch => new IdempotencyMismatchException(plan.Request.IdempotencyKey ?? ""),
        _ => throw new InvalidOperationException($"The store answered {outcome.GetType().Name}."),
    };

    private static ArgumentException AnswersNothing(TurnRequest request) =>
        new("A tool result of the input answers no call that the conversation left open.", nameof(request));

    private static ConversationMessage Unstored(ConversationMessage message) =>
        message with { ConversationId = null, Position = 0, RunNumber = null, IsPartial = false };

    private static TimeSpan Jittered(TimeSpan poll) => poll * (0.5 + Random.Shared.NextDouble());
}
