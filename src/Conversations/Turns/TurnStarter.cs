using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Begins turns: has them admitted, and reads what they are about.</summary>
internal sealed class TurnStarter
{
    private readonly IConversationStore _store;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly WaitingLines _lines = new();
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
        Summaries = new SummaryKeeper(store, timeProvider, logger);
        _admission = new TurnAdmission(store, _lines, timeProvider);
    }

    public SummaryKeeper Summaries { get; }

    /// <summary>Begins a turn as planned.</summary>
    /// <exception cref="PromptTooLargeException">It cannot be asked; without an idempotency key nothing is written.</exception>
    public async Task<ConversationTurn> StartAsync(TurnPlan plan, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // With a key it may have been answered when the limit was another: the store is asked first.
        if (plan.Request.IdempotencyKey is null)
            HistoryWindow.ThrowIfTooLarge(HistoryWindow.OwnTokens(plan.Settings.SystemPrompt, plan.Input), plan.Limits);
        if (!plan.IsPersisted)
            return ConversationTurn.NotStored(plan, plan.InputAt(_timeProvider.GetUtcNow()), _timeProvider);

        var (outcome, input) = await _admission.BeginAsync(plan, Command(plan), cancellationToken).ConfigureAwait(false);
        if (outcome is TurnCompletedBefore before)
            return ConversationTurn.Replayed(plan, input, await _reader.ReplayAsync(plan, before.Run, cancellationToken).ConfigureAwait(false), _timeProvider);

        return await OpenAsync(plan, input, (TurnBegun)outcome, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells what the prompt of a turn would hold, were it begun now.</summary>
    /// <exception cref="PromptTooLargeException">It could not be asked.</exception>
    /// <exception cref="ToolCallNotOpenException">It could not be asked.</exception>
    public async Task<TurnWindow> DescribeWindowAsync(TurnPlan plan, Conversation? conversation, CancellationToken cancellationToken)
    {
        var window = conversation is null
            ? new HistoryWindow(plan.Limits, plan.Settings.SystemPrompt, HistoryRead.Nothing, plan.Input)
            : await _history.ReadAsync(plan, plan.Input, conversation.Id, conversation.LastPosition + 1, cancellationToken).ConfigureAwait(false);
        return window.AnswersOpenCalls(plan.Input) ? window.Describe(window.First) : throw new ToolCallNotOpenException();
    }

    private BeginTurnCommand Command(TurnPlan plan) => new()
    {
        Access = plan.Access,
        Agent = plan.Settings.Agent,
        Scope = plan.Scope,
        ConversationId = plan.Request.ConversationId,
        StartNew = plan.Request.StartNew,
        NewConversationId = ConversationIds.NewConversation(_timeProvider.GetUtcNow()),
        Title = plan.Again is null ? ConversationTitle.From(plan.Request.Input) : null,
        Input = [],
        InputAgain = plan.Again,
        Caller = plan.Caller?.Key ?? "",
        IdempotencyKey = plan.Request.IdempotencyKey,
        Fingerprint = plan.Request.IdempotencyKey is null ? null : TurnFingerprint.Of(plan.Request, plan.Again),
        LeaseDuration = plan.Settings.LeaseDuration,
    };

    private async Task<ConversationTurn> OpenAsync(TurnPlan plan, ConversationMessage[] input, TurnBegun begun, CancellationToken cancellationToken)
    {
        var session = new TurnSession(_store, plan, begun.Lease, _timeProvider, _logger, _lines);
        try
        {
            var stored = begun.IsOnSavedInput
                ? await _reader.ReadSavedInputAsync(plan, input, begun, cancellationToken).ConfigureAwait(false)
                : [.. input.Select((message, i) => session.Stored(message, begun.InputPosition + i))];
            var window = await _history.ReadAsync(plan, stored, begun, cancellationToken).ConfigureAwait(false);

            // The call of a saved result may have been deleted since.
            if (!window.AnswersOpenCalls(stored))
                throw new ToolCallNotOpenException();
            Log.RunBegan(_logger, session.RunId);
            return ConversationTurn.Open(plan, stored, window, _timeProvider, session, Summaries, begun);
        }
        catch (Exception exception)
        {
            // The turn has begun and nobody will hold it: close its run, so that the conversation is free at once.
            var wasCancelled = exception is OperationCanceledException;
            await session.GiveUpAsync(new CommitTurnCommand
            {
                Lease = begun.Lease,
                Status = wasCancelled ? RunStatus.Cancelled : RunStatus.Failed,
                Error = wasCancelled ? null : exception.GetType().FullName,
            }).ConfigureAwait(false);
            throw;
        }
    }
}
