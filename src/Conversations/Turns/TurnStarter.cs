using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Begins turns: has them admitted, and reads their input and history.</summary>
internal sealed partial class TurnStarter
{
    // A store that hangs must not hold up the end of the process for long.
    private static readonly TimeSpan LongestRecording = TimeSpan.FromSeconds(5);

    private readonly IConversationStore _store;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly TurnQueue _lines;
    private readonly OpenTurns _open;
    private readonly TurnAdmission _admission;
    private readonly TurnReader _reader;
    private readonly HistoryReader _history;

    public TurnStarter(IConversationStore store, TimeProvider timeProvider, ILogger logger, int maxWaitingTurns, int maxConcurrentSummaries)
    {
        _store = store;
        _timeProvider = timeProvider;
        _logger = logger;
        _lines = new TurnQueue(maxWaitingTurns);
        _open = new OpenTurns(logger);
        _reader = new TurnReader(store);
        _history = new HistoryReader(store);
        Engine = new ConversationEngine(store, timeProvider);
        Summaries = new SummaryScheduler(store, Engine, timeProvider, logger, maxConcurrentSummaries);
        _admission = new TurnAdmission(Engine, _lines, _open, timeProvider, logger);
    }

    public ConversationEngine Engine { get; }

    public SummaryScheduler Summaries { get; }

    public RunSignals Signals { get; } = new();

    /// <summary>Records that the manager is disposed, and not only closing because its host stops.</summary>
    public void SetDisposed() => _open.IsDisposed = true;

    /// <summary>Begins a turn as planned.</summary>
    /// <exception cref="PromptTooLargeException">The prompt exceeds the token limit. Without an idempotency key, nothing was written.</exception>
    public async ValueTask<ConversationTurn> StartAsync(TurnPlan plan, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _open.ThrowIfClosing();

        // A request with a key may have been answered under another limit, so the store is asked first.
        if (plan.Request.IdempotencyKey is null)
            HistoryWindow.ThrowIfTooLarge(HistoryWindow.OwnTokens(plan.Limits, plan.Settings.SystemPrompt, plan.InputIn(target: null)), plan.Limits);
        // Nothing is stored that a response could answer. Results are given to the model with their calls.
        if (!plan.IsPersisted && OpenCalls.HasResponses(plan.Input))
            throw new ToolCallNotOpenException();
        if (!plan.IsPersisted)
            return ConversationTurn.NotStored(plan, plan.InputAt(_timeProvider.GetUtcNow()), _timeProvider, _open.Closing);

        _open.Begin();
        try
        {
            var outcome = await _admission.BeginAsync(plan, Command(plan), cancellationToken).ConfigureAwait(false);
            return outcome is TurnCompletedBefore before
                ? await ReplayAsync(plan, plan.InputAt(_timeProvider.GetUtcNow()), before.Run, cancellationToken).ConfigureAwait(false)
                : await OpenAsync(plan, (TurnBegun)outcome, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _open.HasBegun();
        }
    }

    /// <summary>Finds the answer of an answered request to answer again. The message of the request may have been deleted since.</summary>
    /// <returns>A replay; null if the request was not answered.</returns>
    /// <exception cref="IdempotencyMismatchException">The key was used for another request.</exception>
    public async Task<ConversationTurn?> FindAnsweredAsync(TurnPlan plan, CancellationToken cancellationToken)
    {
        if (await _admission.FindAnsweredAsync(plan, Command(plan), cancellationToken).ConfigureAwait(false) is not { } run)
            return null;

        var input = await new BranchReader(_store, plan.Access).ReadAsync(run.ConversationId, new MessageSpan(run.InputPosition, run.InputCount), cancellationToken).ConfigureAwait(false);
        return await ReplayAsync(plan, input, run, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns what the prompt of a turn would contain if it began now.</summary>
    /// <exception cref="PromptTooLargeException">The prompt exceeds the token limit.</exception>
    /// <exception cref="ToolCallNotOpenException">A tool result answers no open call.</exception>
    /// <exception cref="HistoryOutdatedException">The caller does not know what follows the message that it knows.</exception>
    public async Task<ContextWindow> DescribeWindowAsync(TurnPlan plan, Conversation? conversation, CancellationToken cancellationToken)
    {
        var input = plan.InputIn(conversation);
        var window = conversation is not null && await _store.FindAsync(conversation.Id, plan.Access, cancellationToken).ConfigureAwait(false) is { } stored
            ? await _history.ReadAsync(plan, input, stored, await FindEndAsync(plan, stored, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false)
            : new HistoryWindow(plan.Limits, plan.Settings.SystemPrompt, HistoryRead.Nothing, input);
        return window.AnswersOpenCalls(input) && (plan.IsPersisted || !OpenCalls.HasResponses(input)) ? window.Describe(window.First) : throw new ToolCallNotOpenException();
    }

    /// <summary>Finds the position before which a turn would see the history if it began now.</summary>
    private async ValueTask<long> FindEndAsync(TurnPlan plan, StoredConversation stored, CancellationToken cancellationToken)
    {
        var (isAllowed, replaced) = await Engine.FindReplacedAsync(Command(plan), stored, cancellationToken).ConfigureAwait(false);
        return isAllowed ? replaced ?? stored.Conversation.LastPosition + 1 : throw new HistoryOutdatedException(plan.Request.AfterMessageId!);
    }

    /// <summary>Asks the agent of an open run to stop: at once if it is one of this manager, otherwise through the store. A run whose holder is dead is interrupted.</summary>
    /// <returns>False if the run is not open.</returns>
    public async Task<bool> StopAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken)
    {
        var outcome = await Engine.StopAsync(conversationId, number, access, cancellationToken).ConfigureAwait(false);
        if (outcome == StopOutcome.Requested)
            _open.Stop(conversationId, number);
        if (outcome == StopOutcome.Interrupted)
        {
            var runId = ConversationIds.Run(conversationId, number);
            Log.RunInterrupted(_logger, runId);
            Signals.Tell(runId);
        }

        return outcome != StopOutcome.NotOpen;
    }

    /// <summary>Refuses further turns, asks the open ones to stop, and ends those as cancelled that have not ended in time. Summaries in progress are awaited as long.</summary>
    /// <param name="timeout">The time for the agents, and for the summaries.</param>
    /// <param name="clock">The clock of the timeout. The host's clock can be stopped, as in tests.</param>
    public async Task CloseAsync(TimeSpan timeout, TimeProvider clock)
    {
        var patience = new Deadline(clock, timeout);
        var ended = _open.CloseAsync();
        if (!await patience.WaitAsync(ended, CancellationToken.None).ConfigureAwait(false))
        {
            Log.AgentsNotEnded(_logger, _open.Snapshot().Count, timeout);
            var recorded = Task.WhenAll(_open.StopAsync(), ended);
            await new Deadline(clock, LongestRecording).WaitAsync(recorded, CancellationToken.None).ConfigureAwait(false);
        }

        await Summaries.CloseAsync(patience).ConfigureAwait(false);
    }

    private async Task<ConversationTurn> ReplayAsync(TurnPlan plan, IReadOnlyList<ConversationMessage> input, ConversationRun run, CancellationToken cancellationToken)
    {
        var result = await _reader.ReplayAsync(plan, run, cancellationToken).ConfigureAwait(false);
        Log.RunReplayed(_logger, run.Id);
        return ConversationTurn.Replayed(plan, input, result, _timeProvider);
    }

    private TurnSession Session(TurnPlan plan, TurnBegun begun) => new(_store, Engine, plan, begun, _timeProvider, _logger, _lines, Signals, _open);

    private BeginTurnCommand Command(TurnPlan plan) => new()
    {
        Access = plan.Access,
        Agent = plan.Settings.Agent,
        Scope = plan.Scope,
        ConversationId = plan.ConversationId,
        StartNew = plan.Request.StartNew,
        NewConversationId = ConversationIds.NewConversation(_timeProvider.GetUtcNow()),
        Metadata = plan.Request.ConversationMetadata,
        TitleFrom = plan.AgainBy is null ? plan.Input : [],
        Input = plan.Again is null ? plan.Input : [],
        InputAgain = plan.Again,
        Speaker = plan.Speaker,
        ReplacedPosition = plan.ReplacedPosition,
        After = plan.After,
        ReplacesLater = plan.Request.OnEarlierMessage == EarlierMessagePolicy.Replace,
        Restores = plan.Restores,
        Caller = plan.Caller?.Key ?? "",
        IdempotencyKey = plan.Request.IdempotencyKey,
        Fingerprint = plan.Request.IdempotencyKey is null ? null : plan.AgainBy is null ? TurnFingerprint.Of(plan.Request) : TurnFingerprint.OfAgain(plan.AgainBy),
        LeaseDuration = plan.Settings.LeaseDuration,
        Token = UuidV7.NewToken(),
        OnInterruption = !plan.Settings.KeepPartialOutput ? InterruptedOutput.Discard
            : plan.Again is not null ? InterruptedOutput.AppendSuperseded
            : InterruptedOutput.Append,
        SegmentRetention = plan.Settings.StreamRetention,
        Window = plan.AgainBy is null ? HistoryReader.FirstRead(plan) : null,
        WithSummary = plan is { AgainBy: null, ReplacedPosition: null, Settings.Summarizer: not null },
    };

    private async ValueTask<ConversationTurn> OpenAsync(TurnPlan plan, TurnBegun begun, CancellationToken cancellationToken)
    {
        var session = Session(plan, begun);
        try
        {
            session.KeepLease();
            plan.Trace?.HasBegun(session.ConversationId, session.RunId);
            IReadOnlyList<ConversationMessage> stored = begun.IsOnExistingInput
                ? await _reader.ReadSavedInputAsync(plan, plan.InputAt(_timeProvider.GetUtcNow(), begun.Conversation.Conversation), begun, cancellationToken).ConfigureAwait(false)
                : begun.Input;

            // The turn gets its input as it is when the turn is committed.
            if (begun.ReplacedPosition is not null)
                stored = [.. stored.Select(static message => message is StoredMessage { IsSuperseded: true } waiting ? waiting with { SupersededBy = null } : message)];
            var (before, supersedeFrom) = await FindPlaceAsync(plan, begun, cancellationToken).ConfigureAwait(false);
            var window = await _history.ReadAsync(plan, stored, begun, before, cancellationToken).ConfigureAwait(false);

            // The call of an existing result may have been deleted since.
            if (!window.AnswersOpenCalls(stored))
                throw new ToolCallNotOpenException();
            Log.RunBegan(_logger, session.RunId);
            if (begun.IsOnExistingInput && plan.Again is null)
                Log.RunBeganAgain(_logger, session.RunId, begun.InputPosition);
            plan.Trace?.Shows(window, stored);
            _open.ThrowIfClosing();
            return ConversationTurn.Open(plan, stored, window, _timeProvider, session, Summaries, begun, supersedeFrom);
        }
        catch (Exception exception)
        {
            // The turn has begun but is not returned: close its run, so that the conversation is free at once.
            var command = Unheld(plan, begun, exception);

            // Results without a call would block later turns. The call was open when the turn began, and was deleted or superseded since.
            if (exception is ToolCallNotOpenException && !begun.IsOnExistingInput)
                command = command with { SupersedeFrom = begun.InputPosition };
            await session.GiveUpAsync(command).ConfigureAwait(false);
            ConversationErrorData.Name(exception, session.RunId, ConversationIds.Message(session.ConversationId, begun.InputPosition));
            throw;
        }
    }

    /// <summary>Finds the position before which a turn sees the history, and the position from which its answer supersedes messages: the earlier answer to its input, or the partial output of earlier runs of the request.</summary>
    private async ValueTask<(long Before, long? SupersedeFrom)> FindPlaceAsync(TurnPlan plan, TurnBegun begun, CancellationToken cancellationToken)
    {
        var end = begun.LastPosition + 1;
        if (begun.ReplacedPosition is { } replaced)
            return (replaced, null); // What it supersedes is decided by the rules.
        if (!begun.IsOnExistingInput)
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

    /// <summary>Ends a turn that has begun but is not returned.</summary>
    private static CommitTurnCommand Unheld(TurnPlan plan, TurnBegun begun, Exception exception)
    {
        // The manager closes while the turn begins.
        var wasCancelled = exception is OperationCanceledException or ObjectDisposedException;
        return new CommitTurnCommand
        {
            Lease = begun.Lease,
            Access = plan.Access,
            Status = wasCancelled ? RunStatus.Cancelled : RunStatus.Failed,
            Error = wasCancelled ? null : exception.GetType().FullName,
        };
    }
}
