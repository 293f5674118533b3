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
        Summaries = new SummaryKeeper(store, logger);
        _admission = new TurnAdmission(store, _reader, _lines, timeProvider);
    }

    public SummaryKeeper Summaries { get; }

    /// <summary>Begins a turn as planned.</summary>
    /// <exception cref="PromptTooLargeException">It can never be asked; nothing is written.</exception>
    public async Task<ConversationTurn> StartAsync(TurnPlan plan, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _ = new HistoryWindow(plan.Limits, plan.Settings.SystemPrompt, HistoryRead.Nothing, plan.Input);
        if (!plan.IsPersisted)
            return ConversationTurn.NotStored(plan, plan.InputAt(_timeProvider.GetUtcNow()), _timeProvider);

        var (outcome, input) = await _admission.BeginAsync(plan, Command(plan), cancellationToken).ConfigureAwait(false);
        if (outcome is TurnCompletedBefore before)
            return ConversationTurn.Replayed(plan, input, await _reader.ReplayAsync(plan, before.Run, cancellationToken).ConfigureAwait(false), _timeProvider);

        return await OpenAsync(plan, input, (TurnBegun)outcome, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells what the prompt of a turn would hold, were it begun now.</summary>
    public async Task<TurnWindow> DescribeWindowAsync(TurnPlan plan, Conversation? conversation, CancellationToken cancellationToken)
    {
        var window = conversation is null
            ? new HistoryWindow(plan.Limits, plan.Settings.SystemPrompt, HistoryRead.Nothing, plan.Input)
            : await _history.ReadAsync(plan, plan.Input, conversation.Id, conversation.LastPosition + 1, cancellationToken).ConfigureAwait(false);
        return window.Describe(window.First);
    }

    private BeginTurnCommand Command(TurnPlan plan) => new()
    {
        Access = plan.Access,
        Agent = plan.Settings.Agent,
        Scope = plan.Scope,
        ConversationId = plan.Request.ConversationId,
        StartNew = plan.Request.StartNew,
        NewConversationId = ConversationIds.NewConversation(_timeProvider.GetUtcNow()),
        Title = ConversationTitle.From(plan.Request.Input),
        Input = [],
        Caller = plan.Caller?.Key ?? "",
        IdempotencyKey = plan.Request.IdempotencyKey,
        Fingerprint = plan.Request.IdempotencyKey is null ? null : TurnFingerprint.Of(plan.Request),
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
