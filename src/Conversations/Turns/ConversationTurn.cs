using System.Diagnostics;

namespace Conversations;

/// <summary>The unit of work while it is open: the conversation is locked, the input is stored, and one commit writes the output.</summary>
/// <remarks>
/// <para>Add the messages of the agent and its tools, then commit. A turn that is disposed without a commit is recorded as cancelled; its input and
/// the messages that were added are kept. The lease is renewed until the turn ends, but no longer than <see cref="AgentOptions.MaxTurnDuration"/>.</para>
/// <para>Not thread-safe, except <see cref="Stopping"/>.</para>
/// </remarks>
public sealed partial class ConversationTurn : IAsyncDisposable
{
    private readonly TurnPlan _plan;
    private readonly TimeProvider _timeProvider;
    private readonly TurnSession? _session;
    private readonly List<ConversationMessage> _added = [];
    private readonly long _lastPosition;
    private readonly long? _supersedeFrom;
    private readonly bool _takesPlace; // Of existing messages, which remain current if the turn does not complete.
    private readonly CancellationToken _closing;
    private HistoryWindow? _window;
    private readonly SummaryScheduler? _summaries;
    private long _addedTokens;
    private (long Prompt, long History)? _prompts;
    private int _promptedAt = -1;
    private (long Prompt, long History)? _withHistory;
    private HistoryView? _view;
    private TurnResult? _result;

    private ConversationTurn(
        TurnPlan plan, IReadOnlyList<ConversationMessage> input, TimeProvider timeProvider,
        HistoryWindow? window = null, TurnSession? session = null, SummaryScheduler? summaries = null, TurnBegun? begun = null, long? supersedeFrom = null, CancellationToken closing = default)
    {
        _plan = plan;
        _timeProvider = timeProvider;
        _session = session;
        _summaries = summaries;
        _lastPosition = begun?.LastPosition ?? 0;
        _takesPlace = plan.Again is not null || begun?.ReplacedPosition is not null;
        _supersedeFrom = supersedeFrom;
        _closing = closing;
        _window = window;
        _view = window?.First;
        Input = ReadOnly.Of(input);
    }

    /// <summary>Gets the name of the agent.</summary>
    public string Agent => _plan.Settings.Agent;

    /// <summary>Gets whether the turn is stored. A turn of a stateless agent, or of a per-user agent without an identity, is not stored.</summary>
    public bool IsPersisted => _plan.IsPersisted;

    /// <summary>Gets whether the request was answered before. No message can be added then, and <see cref="CommitAsync"/> returns the first result.</summary>
    public bool IsReplay => _result is { IsReplay: true };

    /// <summary>Gets the id of the conversation; <see langword="null"/> if the turn is not stored.</summary>
    public string? ConversationId => _session?.ConversationId ?? _result?.ConversationId;

    /// <summary>Gets the id of the run; <see langword="null"/> if the turn is not stored.</summary>
    public string? RunId => _session?.RunId ?? _result?.RunId;

    /// <summary>Gets a token that is canceled when the turn should end early: its lease is lost, so that further output may not be stored, its run was stopped (<see cref="ConversationView.StopAsync"/>), or the manager is disposed or its host stops. The lease counts as lost when the store
    /// refuses a renewal, when it expires because no renewal succeeded or was in time, or when the turn takes longer than <see cref="AgentOptions.MaxTurnDuration"/>.</summary>
    /// <remarks>The token is no guarantee: a process that is paused receives it late or never, and a turn whose lease has expired without a takeover can still commit. The store ensures at the commit
    /// that a turn without the lease writes nothing. <c>RunTurnAsync</c> cancels the agent's token with this one. The token of a stored turn is never canceled after the turn has ended.
    /// Thread-safe; registered callbacks run on a thread of the pool.</remarks>
    public CancellationToken Stopping => _session?.Stopping ?? _closing;

    /// <summary>Gets why a conversation was created; <see langword="null"/> if one is continued or the turn is not stored.</summary>
    public ConversationStartReason? StartReason { get; private init; }

    /// <summary>Gets the system prompt of the agent; <see langword="null"/> if it has none. It is the same in all conversations of the agent and is not stored.</summary>
    public string? SystemPrompt => _plan.Settings.SystemPrompt?.Text;

    /// <summary>Gets the earlier messages that fit into the prompt, oldest first. With a token limit, messages are removed from its beginning as the turn adds output. Set <see cref="Model"/> first, if the history contains reasoning.</summary>
    /// <exception cref="PromptTooLargeException">The system prompt, the input and the output so far exceed the token limit.</exception>
    public IReadOnlyList<ConversationMessage> History
    {
        get
        {
            _withHistory ??= (Fitter.Own + _addedTokens + View.HistoryTokens, View.HistoryTokens);
            return View.MessagesFor(Model);
        }
    }

    /// <summary>Gets what the prompt contains now, what it excludes, and why.</summary>
    /// <exception cref="PromptTooLargeException">The system prompt, the input and the output so far exceed the token limit.</exception>
    public ContextWindow Window => Fitter.Describe(Fitter.Fit(_addedTokens));

    /// <summary>Gets the input. It is stored already if the turn is stored. Empty for a replay whose input was deleted.</summary>
    public IReadOnlyList<ConversationMessage> Input { get; }

    /// <summary>Gets the requests for approvals that the input answers, in order, with those beside them that were answered before or are still open. Empty if the input contains no response.</summary>
    /// <remarks>What is approved is <see cref="TurnApproval.Request"/>. A call that the caller sent with the response has no effect. While a request has no response, add nothing: another message would close it, and the run <see cref="RunStatus.RequiresAction"/>.
    /// A second answer (<c>RegenerateAsync</c>) has no approvals, because what was approved once is not approved again.</remarks>
    public IReadOnlyList<TurnApproval> Approvals => field ??= _plan.AgainBy is null && !IsReplay ? Fitter.Approvals(Input) : [];

    /// <summary>Gets the messages that were added so far, in order.</summary>
    public IReadOnlyList<ConversationMessage> Added => _added.AsReadOnly();

    /// <summary>Gets the messages to send to the model now: the system prompt, the summary of earlier messages, the history, the input and the output so far. Each call returns a new list.</summary>
    /// <remarks>Errors, blank texts and reasoning that was cut off or has no protected data are left out: they are for people. Protected reasoning, and a <see cref="RawPart"/> that is bound to its model, are left out unless the run that wrote them names
    /// the same model as <see cref="Model"/>, or one is a dated version of the other. So set <see cref="Model"/> before the prompt is read.</remarks>
    /// <exception cref="PromptTooLargeException">The system prompt, the input and the output so far exceed the token limit.</exception>
    public IReadOnlyList<ConversationMessage> Prompt
    {
        get
        {
            var prompt = new List<ConversationMessage>(2 + View.Capacity + Input.Count + _added.Count);
            if (_plan.Settings.SystemPrompt is { } systemPrompt)
                prompt.Add(systemPrompt);
            // The prompt is recorded once for each state of the turn, however often it is read.
            if (_promptedAt != _added.Count)
                _prompts = (Fitter.Own + _addedTokens + View.HistoryTokens + (_prompts?.Prompt ?? 0), View.HistoryTokens + (_prompts?.History ?? 0));
            _promptedAt = _added.Count;
            if (View.Summary is { } summary)
                prompt.Add(summary);
            View.AddTo(prompt, Model);
            AddShown(prompt, Input);
            AddShown(prompt, _added);
            for (var i = 0; _plan.Settings.Times is { } times && i < prompt.Count; i++)
                prompt[i] = times.Show(prompt[i]);
            return prompt;
        }
    }

    /// <summary>Returns the time of a user message as <see cref="Prompt"/> states it before its text (<see cref="AgentOptions.PromptTimeZone"/>), for agents that send messages in a form of their own.</summary>
    /// <param name="message">A message of <see cref="Input"/> or <see cref="History"/>.</param>
    /// <returns>The time, with a space after it; <see langword="null"/> if prompts of the agent state no times, or not that of such a message.</returns>
    public string? TimeTextOf(ConversationMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _plan.Settings.Times?.TextOf(message);
    }

    /// <summary>Gets or sets the name of the model, for the run and for what the <see cref="Prompt"/> contains; <see langword="null"/> if it is not known. A blank name is stored as <see langword="null"/>.</summary>
    public string? Model
    {
        get;
        set => field = RunFigures.Name(value, nameof(Model));
    }

    /// <summary>Gets or sets why the model stopped, for the run: <c>stop</c>, <c>length</c>, or the text of its provider; <see langword="null"/> if it is not known. A blank text is stored as <see langword="null"/>.</summary>
    public string? FinishReason
    {
        get;
        set => field = RunFigures.Name(value, nameof(FinishReason));
    }

    /// <summary>Gets or sets the tokens that the whole turn used, for the run; <see langword="null"/> if they are not known. Setting it replaces what was added.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number of tokens is negative or more than a quadrillion. Set values from 0 to 1,000,000,000,000,000.</exception>
    public TokenUsage? Usage
    {
        get;
        set => (field, _usageByModel) = (RunFigures.Usage(value, nameof(value)), null);
    }

    /// <summary>Gets or sets the cost of the whole turn, in the currency of the host, for the run. If it is <see langword="null"/>, the cost is calculated from <see cref="Usage"/> and the price of <see cref="Model"/> (<c>options.AddPrice</c>), if both are known.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cost is negative, or more than a quadrillion.</exception>
    public decimal? Cost
    {
        get;
        set => field = RunFigures.Cost(value, nameof(value));
    }

    /// <summary>Gets the span of the turn, see <see cref="ConversationTelemetry"/>; <see langword="null"/> if no listener records it. Within <c>RunTurnAsync</c> it is the current span of the agent, and therefore the parent of
    /// the spans of its model and tools. For a turn from <c>BeginTurnAsync</c>, the host sets <see cref="Activity.Current"/> to it while it calls the model, and restores the previous value afterwards.</summary>
    public Activity? Activity => _plan.Trace?.Activity;

    /// <summary>Gets whether the lease is known to be lost.</summary>
    internal bool IsLeaseLost => _session is { IsLeaseLost: true };

    /// <summary>Makes the span of the turn the current one, within the asynchronous method that calls this.</summary>
    internal void EnterSpan() => _plan.Trace?.Enter();

    /// <summary>Gets whether the turn was committed, given up or lost, so that nothing more can be written.</summary>
    internal bool IsOver { get; private set; }

    /// <summary>Adds a message of the agent or a tool. The commit stores it.</summary>
    /// <param name="message">The message; its role is assistant or tool.</param>
    /// <returns>The message with its time and, if the turn is stored, its id and position.</returns>
    /// <exception cref="ArgumentException">The message is a system or user message. Pass user messages as input of a request, or import them.</exception>
    /// <exception cref="MessageTooLargeException">The message exceeds a limit of <see cref="ConversationOptions.Limits"/>. It is not added, and the turn remains open.</exception>
    /// <exception cref="InvalidOperationException">The turn has ended, or is a replay.</exception>
    public ConversationMessage Add(ConversationMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        ThrowIfOver();
        if (message.Role is not (MessageRole.Assistant or MessageRole.Tool))
            throw new ArgumentException("The message is neither an assistant nor a tool message. Pass user messages as input of the request, or call ImportAsync.", nameof(message));

        Adopt();
        var tokens = PromptCost.Count(_plan.Limits.Counter, _plan.Settings.Sizes.Checked(message));
        ConversationMessage added;
        lock (_added)
        {
            ThrowIfOver();
            added = Append(message, _timeProvider.GetUtcNow(), tokens, isPartial: false);
        }

        if (added is StoredMessage stored)
            _ = _session!.Saver?.SaveAsync(stored);
        return added;
    }

    /// <summary>Writes the output, closes the run and releases the conversation. Either all of it is written or nothing, and it is durable when the task completes.</summary>
    /// <param name="cancellationToken">Cancels before the write begins; the turn remains open.</param>
    /// <returns>The result; for a replay, the first result.</returns>
    /// <exception cref="LeaseLostException">The turn has lost its lease. Nothing was written, and the turn has ended.</exception>
    /// <exception cref="ConversationStoreException">The store failed. The turn remains open. Nothing was written, unless the code is <c>COMMIT_OUTCOME_UNKNOWN</c>.</exception>
    /// <exception cref="InvalidOperationException">The turn was given up or lost.</exception>
    /// <remarks>A second commit returns the result of the first. If the reader of a stream has left it while its source is running, the commit waits for the source. An exception of the source is thrown here once, and the turn remains open; another commit stores the partial output.</remarks>
    public Task<TurnResult> CommitAsync(CancellationToken cancellationToken = default) => CommitAtOnceAsync(cancellationToken).AsTask();

    internal async ValueTask<TurnResult> CommitAtOnceAsync(CancellationToken cancellationToken)
    {
        if (_result is not null)
            return _result;

        ThrowIfOver();
        await FinishStreamAsync(cancellationToken).ConfigureAwait(false);
        BeginEnd();
        var messages = _added.ToArray();
        var status = RunStatus.Completed;
        if (_session is not null)
        {
            try
            {
                status = Fitter.EndsWithOpenCalls(Input, _added) ? RunStatus.RequiresAction : status;
                var command = Command(_session.Lease, status, messages, messages.Length > 0 ? _supersedeFrom : null);
                await _session.CommitAsync(command, cancellationToken).ConfigureAwait(false);
            }
            catch (LeaseLostException lost)
            {
                IsOver = true;
                _plan.Trace?.Fail(End, RunStatus.Failed, lost);
                throw;
            }
            catch
            {
                await ContinueAsync().ConfigureAwait(false);
                throw;
            }
        }

        IsOver = true;
        _result = new TurnResult
        {
            ConversationId = ConversationId,
            RunId = RunId,
            InputMessageId = Input[0].Id,
            StartReason = StartReason,
            Messages = messages,
        };
        _plan.Trace?.Commit(End, status);
        SummarizeUnseen();
        return _result;
    }

    /// <summary>Records that the agent failed, and releases the conversation. The input is kept, the output so far is kept and marked partial, and model, usage and cost are recorded. Within <c>RunTurnAsync</c>, throw an exception instead.</summary>
    /// <param name="error">The cause. The run records its type and never its message.</param>
    /// <returns>A task that completes when the failure was recorded, or could not be recorded and was logged.</returns>
    /// <exception cref="InvalidOperationException">The turn has ended.</exception>
    public Task FailAsync(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        ThrowIfOver();
        return EndAsync(RunStatus.Failed, error);
    }

    /// <summary>Ends the turn. If it was not committed, it is recorded as cancelled.</summary>
    /// <returns>A task that completes when the end was recorded, or could not be recorded and was logged.</returns>
    public async ValueTask DisposeAsync()
    {
        if (!IsOver)
            await EndAsync(RunStatus.Cancelled, error: null).ConfigureAwait(false);
    }

    internal static ConversationTurn NotStored(TurnPlan plan, IReadOnlyList<ConversationMessage> input, TimeProvider timeProvider, CancellationToken closing)
    {
        plan.Trace?.Shows(window: null, input);
        return new ConversationTurn(plan, input, timeProvider, closing: closing);
    }

    internal static ConversationTurn Replayed(TurnPlan plan, IReadOnlyList<ConversationMessage> input, TurnResult result, TimeProvider timeProvider)
    {
        var turn = new ConversationTurn(plan, input, timeProvider) { _result = result, IsOver = true };
        plan.Trace?.Replay(turn.End);
        return turn;
    }

    internal static ConversationTurn Open(
        TurnPlan plan, IReadOnlyList<ConversationMessage> input, HistoryWindow window, TimeProvider timeProvider,
        TurnSession session, SummaryScheduler summaries, TurnBegun begun, long? supersedeFrom)
    {
        var turn = new ConversationTurn(plan, input, timeProvider, window, session, summaries, begun, supersedeFrom) { StartReason = begun.StartReason };
        session.Turn = turn;
        return turn;
    }

    // A replay needs no prompt, and its request may be too large today.
    private HistoryWindow Fitter => _window ??= new HistoryWindow(_plan.Limits, _plan.Settings.SystemPrompt, HistoryRead.Nothing, _plan.Input);

    private HistoryView View => _view ??= Fitter.Fit(_addedTokens);

    // A window that slides, as with the limits of one request, does not determine where others begin.
    private long? OwnWindowStart => _plan.Limits.Trim < 1 ? Fitter.Begin : null;

    private static void AddShown(List<ConversationMessage> prompt, IReadOnlyList<ConversationMessage> messages)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            var isContinued = i + 1 < messages.Count && messages[i + 1].Role == messages[i].Role;
            if (messages[i].Kind != MessageKind.Error && ShownContent.Of(messages[i], isContinued) is { } shown)
                prompt.Add(shown);
        }
    }

    /// <summary>Schedules a summary of the messages that the agent's next prompt will not show. A turn with its own limits schedules none.</summary>
    private void SummarizeUnseen()
    {
        if (_summaries is not null && _plan.Settings.Summarizer is not null && !_plan.HasOwnLimits)
            _summaries.Begin(_plan, ConversationId!, Fitter, Input, _added);
    }

    private CommitTurnCommand Command(TurnLease lease, RunStatus status, IReadOnlyList<ConversationMessage> messages, long? supersedeFrom = null) => new()
    {
        Lease = lease,
        Access = _plan.Access,
        Messages = messages,
        SupersedeFrom = supersedeFrom,
        Recounts = Fitter.Recounts,
        WindowStart = !_takesPlace || status is RunStatus.Completed or RunStatus.RequiresAction ? OwnWindowStart : null,
        ShownFrom = Fitter.ShownFrom,
        Status = status,
        Model = Model,
        FinishReason = FinishReason,
        Usage = Usage,
        UsageByModel = Costs.UsageByModel,
        Cost = Costs.Cost,
        PromptTokens = _prompts?.Prompt ?? _withHistory?.Prompt,
        HistoryTokens = _prompts?.History ?? _withHistory?.History,
    };

    /// <summary>Adds a message. No other turn assigns positions while the lease is held, so the position of the message is known.</summary>
    private ConversationMessage Append(ConversationMessage message, DateTimeOffset? createdAt, TokenAmount? tokens, bool isPartial)
    {
        var added = _session is null ? message.Content(tokens, createdAt, isPartial) : new StoredMessage(message)
        {
            CreatedAt = createdAt,
            Tokens = tokens,
            IsPartial = isPartial,
            ConversationId = _session.ConversationId,
            Position = NextPosition,
            RunNumber = _session.Lease.RunNumber,
        };
        _added.Add(added);
        if (added.Kind != MessageKind.Error)
        {
            _addedTokens += added.Tokens?.Count ?? 0;
            if (_plan.Limits.Tokens is not null)
                _view = null;
        }

        return added;
    }
}
