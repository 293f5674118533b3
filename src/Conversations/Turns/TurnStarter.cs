using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Begins turns: has them admitted, and reads what they are about.</summary>
internal sealed class TurnStarter
{
    private readonly IConversationStore _store;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly TurnQueue _lines = new();
    private readonly TurnAdmission _admission;
    private readonly TurnReader _reader;
    private readonly HistoryReader _history;

    public TurnStarter(IConversationStore store, TimeProvider timeProvider, ILogger logger)
    {
        _store = store;
        _timeProvider = timeProvider;
        _logger = logger;
        _reader = new TurnReader(store);
        _history = new HistoryReader(store);
        Summaries = new SummaryScheduler(store, timeProvider, logger);
        _admission = new TurnAdmission(store, _lines, timeProvider, logger);
    }

    public SummaryScheduler Summaries { get; }

    public RunSignals Signals { get; } = new();

    /// <summary>Begins a turn as planned.</summary>
    /// <exception cref="PromptTooLargeException">It cannot be asked; without an idempotency key nothing is written.</exception>
    public async ValueTask<ConversationTurn> StartAsync(TurnPlan plan, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // With a key it may have been answered when the limit was another: the store is asked first.
        if (plan.Request.IdempotencyKey is null)
            HistoryWindow.ThrowIfTooLarge(HistoryWindow.OwnTokens(plan.Settings.SystemPrompt, plan.Input), plan.Limits);
        if (!plan.IsPersisted)
            return ConversationTurn.NotStored(plan, plan.InputAt(_timeProvider.GetUtcNow()), _timeProvider);

        var (outcome, input) = await _admission.BeginAsync(plan, Command(plan), cancellationToken).ConfigureAwait(false);
        if (outcome is TurnCompletedBefore before)
            return await ReplayAsync(plan, input, before.Run, cancellationToken).ConfigureAwait(false);

        return await OpenAsync(plan, input, (TurnBegun)outcome, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finds the answer of a request to answer again that was answered before. What it was asked by need not be there any more.</summary>
    /// <returns>A replay; null if it was not answered.</returns>
    /// <exception cref="IdempotencyMismatchException">The key was used for another request.</exception>
    public async Task<ConversationTurn?> FindAnsweredAsync(TurnPlan plan, CancellationToken cancellationToken)
    {
        if (await _admission.FindAnsweredAsync(plan, Command(plan), cancellationToken).ConfigureAwait(false) is not { } run)
            return null;

        var input = await new BranchReader(_store, plan.Access).ReadAsync(run.ConversationId, new MessageSpan(run.InputPosition, run.InputCount), cancellationToken).ConfigureAwait(false);
        return await ReplayAsync(plan, input, run, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes current again what a run superseded, in a turn that adds nothing.</summary>
    /// <returns>False if the message is current, or another run has superseded it, by the time that the turn has begun.</returns>
    /// <exception cref="LeaseLostException">The turn lost its lease; nothing was written.</exception>
    public async Task<bool> RestoreAsync(TurnPlan plan, ConversationMessage message, CancellationToken cancellationToken)
    {
        var (outcome, _) = await _admission.BeginAsync(plan, Command(plan), cancellationToken).ConfigureAwait(false);
        var begun = (TurnBegun)outcome;
        var session = new TurnSession(_store, plan, begun.Lease, _timeProvider, _logger, _lines, Signals);

        // No model was asked, so it is known what it used.
        var command = new CommitTurnCommand { Lease = begun.Lease, Status = RunStatus.Cancelled, Usage = new TokenUsage(), Cost = 0 };
        try
        {
            session.KeepLease();
            var branches = new BranchReader(_store, plan.Access);
            var now = await branches.ReadAsync(session.ConversationId, new MessageSpan(message.Position, 1), cancellationToken).ConfigureAwait(false);
            if (now is [{ SupersededBy: { } by }] && by == message.SupersededBy)
            {
                var from = await branches.FindSupersededAsync(session.ConversationId, plan.Again!, by, cancellationToken).ConfigureAwait(false);
                var answer = await branches.FindAnswerAsync(session.ConversationId, plan.Again!, cancellationToken).ConfigureAwait(false);
                command = command with { Status = RunStatus.Completed, SupersedeFrom = Math.Min(from, answer ?? long.MaxValue), Restore = by };
            }

            await session.CommitAsync(command, CancellationToken.None).ConfigureAwait(false);
            return command.Status == RunStatus.Completed;
        }
        catch (Exception exception) when (exception is not LeaseLostException)
        {
            await session.GiveUpAsync(Unheld(begun, exception)).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Tells what the prompt of a turn would hold, were it begun now.</summary>
    /// <exception cref="PromptTooLargeException">It could not be asked.</exception>
    /// <exception cref="ToolCallNotOpenException">It could not be asked.</exception>
    public async Task<ContextWindow> DescribeWindowAsync(TurnPlan plan, Conversation? conversation, CancellationToken cancellationToken)
    {
        var window = conversation is null
            ? new HistoryWindow(plan.Limits, plan.Settings.SystemPrompt, HistoryRead.Nothing, plan.Input)
            : await _history.ReadAsync(plan, plan.Input, conversation.Id, conversation.LastPosition + 1, cancellationToken).ConfigureAwait(false);
        return window.AnswersOpenCalls(plan.Input) ? window.Describe(window.First) : throw new ToolCallNotOpenException();
    }

    private async Task<ConversationTurn> ReplayAsync(TurnPlan plan, IReadOnlyList<ConversationMessage> input, ConversationRun run, CancellationToken cancellationToken)
    {
        var result = await _reader.ReplayAsync(plan, run, cancellationToken).ConfigureAwait(false);
        Log.RunReplayed(_logger, run.Id);
        return ConversationTurn.Replayed(plan, input, result, _timeProvider);
    }

    private BeginTurnCommand Command(TurnPlan plan) => new()
    {
        Access = plan.Access,
        Agent = plan.Settings.Agent,
        Scope = plan.Scope,
        ConversationId = plan.Request.ConversationId,
        StartNew = plan.Request.StartNew,
        NewConversationId = ConversationIds.NewConversation(_timeProvider.GetUtcNow()),
        Title = plan.AgainBy is null ? ConversationTitle.From(plan.Request.Input) : null,
        Input = [],
        InputAgain = plan.Again,
        Caller = plan.Caller?.Key ?? "",
        IdempotencyKey = plan.Request.IdempotencyKey,
        Fingerprint = plan.Request.IdempotencyKey is null ? null : plan.AgainBy is null ? TurnFingerprint.Of(plan.Request) : TurnFingerprint.OfAgain(plan.AgainBy),
        LeaseDuration = plan.Settings.LeaseDuration,
    };

    private async ValueTask<ConversationTurn> OpenAsync(TurnPlan plan, ConversationMessage[] input, TurnBegun begun, CancellationToken cancellationToken)
    {
        var session = new TurnSession(_store, plan, begun.Lease, _timeProvider, _logger, _lines, Signals);
        try
        {
            session.KeepLease();
            plan.Trace?.HasBegun(session.ConversationId, session.RunId);
            var stored = begun.IsOnSavedInput
                ? await _reader.ReadSavedInputAsync(plan, input, begun, cancellationToken).ConfigureAwait(false)
                : Stored(session, input, begun.InputPosition);
            var (before, supersedeFrom) = await FindPlaceAsync(plan, begun, cancellationToken).ConfigureAwait(false);
            var window = await _history.ReadAsync(plan, stored, begun, before, cancellationToken).ConfigureAwait(false);

            // The call of a saved result may have been deleted since.
            if (!window.AnswersOpenCalls(stored))
                throw new ToolCallNotOpenException();
            Log.RunBegan(_logger, session.RunId);
            if (begun.IsOnSavedInput && plan.Again is null)
                Log.RunBeganAgain(_logger, session.RunId, begun.InputPosition);
            plan.Trace?.Shows(window, stored);
            return ConversationTurn.Open(plan, stored, window, _timeProvider, session, Summaries, begun, supersedeFrom);
        }
        catch (Exception exception)
        {
            // The turn has begun and nobody will hold it: close its run, so that the conversation is free at once.
            var command = Unheld(begun, exception);

            // Results that answer nothing must not stand in the way of what is said next. The call was open when they were asked for: it was deleted or superseded since.
            if (exception is ToolCallNotOpenException && !begun.IsOnSavedInput)
                command = command with { SupersedeFrom = begun.InputPosition };
            await session.GiveUpAsync(command).ConfigureAwait(false);
            throw;
        }
    }

    private static ConversationMessage[] Stored(TurnSession session, ConversationMessage[] input, long position)
    {
        var stored = new ConversationMessage[input.Length];
        for (var i = 0; i < stored.Length; i++)
            stored[i] = session.Stored(input[i], position + i);
        return stored;
    }

    /// <summary>Finds up to where a turn sees the history, and from where on its answer supersedes what stands there: the answer that its input has, or what earlier runs of the request left half done.</summary>
    private async ValueTask<(long Before, long? SupersedeFrom)> FindPlaceAsync(TurnPlan plan, TurnBegun begun, CancellationToken cancellationToken)
    {
        var end = begun.LastPosition + 1;
        if (!begun.IsOnSavedInput)
            return (end, null);

        var branches = new BranchReader(_store, plan.Access);
        if (plan.Again is { } again)
        {
            var answer = await branches.FindAnswerAsync(begun.Lease.ConversationId, again, cancellationToken).ConfigureAwait(false);
            return (answer ?? end, answer);
        }

        var saved = new MessageSpan(begun.InputPosition, plan.Input.Count);
        return (end, begun.LastPosition > saved.End ? await branches.FindHalfDoneAsync(begun.Lease.ConversationId, saved, cancellationToken).ConfigureAwait(false) : null);
    }

    /// <summary>How a turn ends that has begun and that nobody will hold.</summary>
    private static CommitTurnCommand Unheld(TurnBegun begun, Exception exception)
    {
        var wasCancelled = exception is OperationCanceledException;
        return new CommitTurnCommand
        {
            Lease = begun.Lease,
            Status = wasCancelled ? RunStatus.Cancelled : RunStatus.Failed,
            Error = wasCancelled ? null : exception.GetType().FullName,
        };
    }
}
