using System.Diagnostics;
using Conversations.Storage;

namespace Conversations;

/// <summary>The unit of work while it runs: the conversation is locked, the input is saved, and what is added is written in one commit.</summary>
/// <remarks>
/// <para>Add what the agent and its tools say, then commit. A turn that is disposed without a commit is recorded as cancelled: its input and
/// what was added until then are kept. The lease is renewed until the turn ends, but no longer than <see cref="AgentOptions.MaxTurnDuration"/>.</para>
/// <para>Not safe from several threads at once, <see cref="LeaseLost"/> aside.</para>
/// </remarks>
public sealed partial class ConversationTurn : IAsyncDisposable
{
    // Beyond what any turn can use, and so little that sums never overflow.
    private const long MostThatIsUsed = 1_000_000_000_000_000;

    private readonly TurnPlan _plan;
    private readonly TimeProvider _timeProvider;
    private readonly TurnSession? _session;
    private readonly List<ConversationMessage> _added = [];
    private readonly long _lastPosition;
    private readonly long? _supersedeFrom;
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
        HistoryWindow? window = null, TurnSession? session = null, SummaryScheduler? summaries = null, long lastPosition = 0, long? supersedeFrom = null)
    {
        _plan = plan;
        _timeProvider = timeProvider;
        _session = session;
        _summaries = summaries;
        _lastPosition = lastPosition;
        _supersedeFrom = supersedeFrom;
        _window = window;
        _view = window?.First;
        Input = Array.AsReadOnly(input.ToArray());
    }

    /// <summary>The agent.</summary>
    public string Agent => _plan.Settings.Agent;

    /// <summary>Whether anything of the turn is stored. A stateless agent's turn is not, nor is a per-user agent's without identity.</summary>
    public bool IsPersisted => _plan.IsPersisted;

    /// <summary>Whether the request was answered before: nothing can be added, and <see cref="CommitAsync"/> returns the first result.</summary>
    public bool IsReplay => _result is { IsReplay: true };

    /// <summary>The conversation; <see langword="null"/> if nothing is stored.</summary>
    public string? ConversationId => _session?.ConversationId ?? _result?.ConversationId;

    /// <summary>The run; <see langword="null"/> if nothing is stored.</summary>
    public string? RunId => _session?.RunId ?? _result?.RunId;

    /// <summary>Cancelled when the lease is lost: another turn may have taken the conversation, and what is still to come would not be written. That is, when the
    /// store refuses a renewal, or the lease has run out since the last one because none succeeded, none came in time, or the turn took longer than
    /// <see cref="AgentOptions.MaxTurnDuration"/>.</summary>
    /// <remarks>To save work, no more: a process that is paused learns of it late or never, and an expired lease that nobody took can still commit. That a turn
    /// without the lease writes nothing is seen to by the store, at the commit. <c>RunTurnAsync</c> cancels the agent's token by it. It never fires once the turn
    /// has ended, nor where nothing is stored. Safe from any thread; what is registered runs on a thread of the pool.</remarks>
    public CancellationToken LeaseLost => _session?.LeaseLost ?? CancellationToken.None;

    /// <summary>Why a conversation was begun; <see langword="null"/> if one is continued or nothing is stored.</summary>
    public ConversationStartReason? StartReason { get; private init; }

    /// <summary>The system prompt of the agent; <see langword="null"/> if it has none. It is the same in all its conversations and not stored.</summary>
    public string? SystemPrompt => _plan.Settings.SystemPrompt?.Text;

    /// <summary>What was said before and fits, oldest first. With a limit of tokens it grows shorter, from its beginning, as the turn adds messages.</summary>
    /// <exception cref="PromptTooLargeException">What the turn itself brings and has added costs more tokens than its limit.</exception>
    public IReadOnlyList<ConversationMessage> History
    {
        get
        {
            _withHistory ??= (Fitter.Own + _addedTokens + View.HistoryTokens, View.HistoryTokens);
            return View.Messages;
        }
    }

    /// <summary>What the prompt holds now, what it leaves out, and why.</summary>
    /// <exception cref="PromptTooLargeException">What the turn itself brings and has added costs more tokens than its limit.</exception>
    public ContextWindow Window => Fitter.Describe(Fitter.Fit(_addedTokens));

    /// <summary>What is asked now; stored already, unless nothing is. Empty for the replay of an answer whose question was deleted.</summary>
    public IReadOnlyList<ConversationMessage> Input { get; }

    /// <summary>What was added so far, in order.</summary>
    public IReadOnlyList<ConversationMessage> Added => _added.AsReadOnly();

    /// <summary>What goes to the model now: the system prompt, the summary of what lies further back, the history, the input and what was added so far, errors left out. A new list each time.</summary>
    /// <exception cref="PromptTooLargeException">What the turn itself brings and has added costs more tokens than its limit.</exception>
    public IReadOnlyList<ConversationMessage> Prompt
    {
        get
        {
            var prompt = new List<ConversationMessage>(2 + View.Messages.Count + Input.Count + _added.Count);
            if (_plan.Settings.SystemPrompt is { } systemPrompt)
                prompt.Add(systemPrompt);
            // As the turn stands now it is asked once, however often it is looked at.
            if (_promptedAt != _added.Count)
                _prompts = (Fitter.Own + _addedTokens + View.HistoryTokens + (_prompts?.Prompt ?? 0), View.HistoryTokens + (_prompts?.History ?? 0));
            _promptedAt = _added.Count;
            if (View.Summary is { } summary)
                prompt.Add(summary);
            prompt.AddRange(View.Messages);
            prompt.AddRange(Input);
            prompt.AddRange(_added.Where(message => message.Kind != MessageKind.Error));
            return prompt;
        }
    }

    /// <summary>The model that answers, for the run; <see langword="null"/> if not told, and so is a blank name.</summary>
    public string? Model
    {
        get;
        set => field = string.IsNullOrWhiteSpace(value) ? null : WellFormed.Content(value, nameof(Model));
    }

    /// <summary>Why the model stopped, for the run: <c>stop</c>, <c>length</c>, or whatever its provider calls it; <see langword="null"/> if not told, and so is a blank text.</summary>
    public string? FinishReason
    {
        get;
        set => field = string.IsNullOrWhiteSpace(value) ? null : WellFormed.Content(value, nameof(FinishReason));
    }

    /// <summary>The tokens used by the turn as a whole, for the run; <see langword="null"/> if not told.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A figure is negative, or more than a quadrillion.</exception>
    public TokenUsage? Usage
    {
        get;
        set => field = value is null || (IsUsage(value.InputTokens) && IsUsage(value.OutputTokens) && IsUsage(value.CachedInputTokens))
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), "A number of tokens is negative, or more than a quadrillion.");
    }

    /// <summary>What the turn cost as a whole, in the currency that the host reckons in, for the run; <see langword="null"/> if not told: then the run gets it from the price of <see cref="Model"/>, if one was added (<c>options.AddPrice</c>) and <see cref="Usage"/> is told.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, or more than a quadrillion.</exception>
    public decimal? Cost
    {
        get;
        set => field = value is null or (>= 0 and <= MostThatIsUsed) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A cost is negative, or more than a quadrillion.");
    }

    /// <summary>The span of the turn, see <see cref="ConversationTelemetry"/>; <see langword="null"/> if nobody listens. Within <c>RunTurnAsync</c> it is the current one for the agent, so that the spans
    /// of its model and its tools stand below it. For a turn that is begun by hand nobody but the host can make it so: set <see cref="Activity.Current"/> to it while the model is asked, and then back.</summary>
    public Activity? Activity => _plan.Trace?.Activity;

    /// <summary>Whether it is known that the lease is lost.</summary>
    internal bool IsLeaseLost => _session is { IsLeaseLost: true };

    /// <summary>Makes its span the current one, within the asynchronous method that calls this.</summary>
    internal void EnterSpan() => _plan.Trace?.Enter();

    /// <summary>Whether it was committed, given up or lost, so that nothing more can be written.</summary>
    internal bool IsOver { get; private set; }

    /// <summary>Adds what the agent or a tool says. It is stored with the commit.</summary>
    /// <param name="message">An assistant's or a tool's message.</param>
    /// <returns>The message with its time and, unless nothing is stored, its id and position.</returns>
    /// <exception cref="ArgumentException">It is a system's or a user's message: those come as a request's input or by import.</exception>
    /// <exception cref="InvalidOperationException">The turn is over, or a replay.</exception>
    public ConversationMessage Add(ConversationMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        ThrowIfOver();
        if (message.Role is not (MessageRole.Assistant or MessageRole.Tool))
            throw new ArgumentException("A turn adds what the assistant and its tools say.", nameof(message));

        Adopt();
        var tokens = PromptCost.Count(_plan.Limits.Counter, message);
        var added = Append(message with { CreatedAt = _timeProvider.GetUtcNow(), Tokens = tokens }, isPartial: false);
        _ = _session?.Saver?.SaveAsync(added);
        return added;
    }

    /// <summary>Writes what was added, closes the run and frees the conversation: all or nothing, durable when it returns.</summary>
    /// <param name="cancellationToken">Cancels before the write begins; the turn is then still open.</param>
    /// <returns>The result; for a replay the first one.</returns>
    /// <exception cref="LeaseLostException">The turn lost its lease; nothing was written, and the turn is over.</exception>
    /// <exception cref="ConversationStoreException">The store failed; unless the code is <c>COMMIT_OUTCOME_UNKNOWN</c> nothing was written. The turn is still open.</exception>
    /// <exception cref="InvalidOperationException">The turn was given up or lost. A second commit returns the result of the first.</exception>
    /// <remarks>If a stream is still running that its reader has left, this waits for it; what its source throws is thrown here, once, and the turn is still open: to commit again is to keep what came, marked partial.</remarks>
    public async Task<TurnResult> CommitAsync(CancellationToken cancellationToken = default)
    {
        if (_result is not null)
            return _result;

        ThrowIfOver();
        await FinishStreamAsync(cancellationToken).ConfigureAwait(false);
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
                _plan.Trace?.Fail(this, RunStatus.Failed, lost);
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
        _plan.Trace?.Commit(this, status);
        SummarizeUnseen();
        return _result;
    }

    /// <summary>Records that the agent failed, and frees the conversation; within <c>RunTurnAsync</c>, throw instead. The input and what was added until now are kept, the latter marked partial, and so are model, usage and cost.</summary>
    /// <param name="error">Why; the run keeps its type, never its message.</param>
    /// <returns>A task that ends when it is recorded, or could not be and was logged.</returns>
    /// <exception cref="InvalidOperationException">The turn is over.</exception>
    public Task FailAsync(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        ThrowIfOver();
        return EndAsync(RunStatus.Failed, error);
    }

    /// <summary>Ends the turn. Without a commit before, it is recorded as cancelled.</summary>
    /// <returns>A task that ends when it is recorded, or could not be and was logged.</returns>
    public async ValueTask DisposeAsync()
    {
        if (!IsOver)
            await EndAsync(RunStatus.Cancelled, error: null).ConfigureAwait(false);
    }

    internal static ConversationTurn NotStored(TurnPlan plan, IReadOnlyList<ConversationMessage> input, TimeProvider timeProvider)
    {
        plan.Trace?.Shows(window: null, input);
        return new ConversationTurn(plan, input, timeProvider);
    }

    internal static ConversationTurn Replayed(TurnPlan plan, IReadOnlyList<ConversationMessage> input, TurnResult result, TimeProvider timeProvider)
    {
        var turn = new ConversationTurn(plan, input, timeProvider) { _result = result, IsOver = true };
        plan.Trace?.Replay(turn);
        return turn;
    }

    internal static ConversationTurn Open(
        TurnPlan plan, IReadOnlyList<ConversationMessage> input, HistoryWindow window, TimeProvider timeProvider,
        TurnSession session, SummaryScheduler summaries, TurnBegun begun, long? supersedeFrom) =>
        new(plan, input, timeProvider, window, session, summaries, begun.LastPosition, supersedeFrom) { StartReason = begun.StartReason };

    internal async Task EndAsync(RunStatus status, Exception? error)
    {
        IsOver = true;
        EndStream(isWhole: false, isCounted: false);
        if (_session is not null)
            await RecordEndAsync(_session, status, error).ConfigureAwait(false);
        _plan.Trace?.Fail(this, status, error);
    }

    private async Task RecordEndAsync(TurnSession session, RunStatus status, Exception? error)
    {
        // Where it is not kept, those who follow have nothing but what was saved.
        var isKept = _plan.Settings.KeepPartialOutput;
        if (!isKept && session.Saver is { } saver)
            await saver.SaveRestAsync().ConfigureAwait(false);

        // What a second answer left unfinished does not stand beside the first one, which stays.
        var command = Command(session.Lease, status, isKept ? [.. _added.Select(message => message with { IsPartial = true })] : []) with { AreSuperseded = _plan.Again is not null };
        await session.GiveUpAsync(command with { Error = status == RunStatus.Failed ? error?.GetType().FullName : null }).ConfigureAwait(false);
        if (_plan.Again is null)
            SummarizeUnseen();
    }

    // A replay needs none, and may be of a request that would be too large today.
    private HistoryWindow Fitter => _window ??= new HistoryWindow(_plan.Limits, _plan.Settings.SystemPrompt, HistoryRead.Nothing, _plan.Input);

    private HistoryView View => _view ??= Fitter.Fit(_addedTokens);

    /// <summary>Has summarised what the agent's next prompt will not show. A turn with limits of its own says nothing of that.</summary>
    private void SummarizeUnseen()
    {
        if (_summaries is not null && _plan.Settings.Summarizer is not null && ReferenceEquals(_plan.Limits, _plan.Settings.Limits))
            _summaries.Begin(_plan, ConversationId!, Fitter, Input, _added);
    }

    private CommitTurnCommand Command(TurnLease lease, RunStatus status, IReadOnlyList<ConversationMessage> messages, long? supersedeFrom = null) => new()
    {
        Lease = lease,
        Messages = messages,
        SupersedeFrom = supersedeFrom,
        Recounts = Fitter.Recounts,
        Status = status,
        Model = Model,
        FinishReason = FinishReason,
        Usage = Usage,
        Cost = Cost ?? _plan.Settings.Prices.CostOf(Model, Usage),
        PromptTokens = _prompts?.Prompt ?? _withHistory?.Prompt,
        HistoryTokens = _prompts?.History ?? _withHistory?.History,
    };

    private ConversationMessage Append(ConversationMessage message, bool isPartial)
    {
        var added = message with { ConversationId = null, Position = 0, RunNumber = null, IsPartial = isPartial };
        if (_session is not null)
            added = _session.Stored(added, NextPosition);
        _added.Add(added);
        if (added.Kind != MessageKind.Error)
        {
            _addedTokens += added.Tokens?.Count ?? 0;
            if (_plan.Limits.Tokens is not null)
                _view = null;
        }

        return added;
    }

    private static bool IsUsage(long tokens) => tokens is >= 0 and <= MostThatIsUsed;

    private void ThrowIfOver()
    {
        if (IsReplay)
            throw new InvalidOperationException("The request was answered before: the turn is a replay. See IsReplay.");
        if (IsOver)
            throw new InvalidOperationException("The turn is over.");
    }
}
