using Conversations.Storage;

namespace Conversations;

/// <summary>Fits a history into a prompt: the newest whole exchanges, without gaps. The window is recalculated when the turn adds output.</summary>
/// <remarks>This type is not thread-safe.</remarks>
internal sealed class HistoryWindow
{
    private readonly WindowLimits _limits;
    private readonly HistoryRead _read;
    private readonly IReadOnlyList<HistoryBlock> _blocks;
    private readonly ConversationMessage? _summary;
    private readonly ConversationMessage? _systemPrompt;
    private readonly long _ownTokens;
    private readonly int _inputCount;
    private readonly bool _isLastNeeded;

    /// <summary>Initializes a window.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="systemPrompt">The system prompt, counted; null if there is none.</param>
    /// <param name="read">The history.</param>
    /// <param name="input">The input, counted.</param>
    /// <exception cref="PromptTooLargeException">The input alone exceeds the limit.</exception>
    public HistoryWindow(WindowLimits limits, ConversationMessage? systemPrompt, HistoryRead read, IReadOnlyList<ConversationMessage> input)
    {
        _limits = limits;
        _systemPrompt = systemPrompt;
        _read = read;
        _blocks = HistoryBlock.Of(read.Messages, input, limits.Counter);
        _summary = read.Summary is { } summary ? PromptCost.Counted(limits.Counter, HistoryRead.MessageOf(summary.Text) with { CreatedAt = summary.CreatedAt, Tokens = summary.Tokens }) : null;
        _ownTokens = OwnTokens(limits, systemPrompt, input);
        _inputCount = input.Count;

        // Results need their calls, so the calls are always shown.
        _isLastNeeded = input is [{ Kind: MessageKind.ToolResult }, ..] && _blocks.Count > 0;
        First = Fit(addedTokens: 0);
    }

    /// <summary>Gets the view before the turn adds output.</summary>
    public HistoryView First { get; }

    /// <summary>Gets whether the first view shows every position before the turn, so that there are no excluded ranges.</summary>
    public bool IsAllShown
    {
        get
        {
            var shown = 0L;
            for (var i = First.Start; i < _blocks.Count; i++)
                shown += _blocks[i].Count;
            return shown == _read.Before - 1;
        }
    }

    /// <summary>Gets the tokens of the prompt without history and output.</summary>
    public long Own => _ownTokens;

    /// <summary>Returns the tokens of a prompt without history.</summary>
    public static long OwnTokens(WindowLimits limits, ConversationMessage? systemPrompt, IReadOnlyList<ConversationMessage> input)
    {
        var tokens = PromptCost.OfPrompt + (long)limits.Reserved + (systemPrompt?.Tokens!.Value.Count ?? 0);
        for (var i = 0; i < input.Count; i++)
            tokens += input[i].Tokens!.Value.Count;
        return tokens;
    }

    /// <summary>Throws if the prompt exceeds its limit even without history.</summary>
    /// <exception cref="PromptTooLargeException">The prompt is too large.</exception>
    public static void ThrowIfTooLarge(long tokens, WindowLimits limits)
    {
        if (tokens > limits.Tokens)
            throw new PromptTooLargeException(new TokenAmount((int)Math.Min(tokens, int.MaxValue), limits.Counter.Name), limits.Tokens.Value);
    }

    /// <summary>Returns the view that fits together with the output so far.</summary>
    /// <param name="addedTokens">The tokens of the output so far.</param>
    /// <exception cref="PromptTooLargeException">The turn's own messages alone exceed the limit.</exception>
    public HistoryView Fit(long addedTokens)
    {
        var tokens = _ownTokens + addedTokens + (_isLastNeeded ? _blocks[^1].Tokens : 0);
        ThrowIfTooLarge(tokens, _limits);
        var showsSummary = _summary is not null && !(tokens + _summary.Tokens!.Value.Count > _limits.Tokens);
        if (showsSummary)
            tokens += _summary!.Tokens!.Value.Count;

        var (fitting, endedByTokens) = FindOldestThatFits(tokens);
        var start = FindStart(fitting);
        for (var i = start; i < NeededFrom; i++)
            tokens += _blocks[i].Tokens;
        return new HistoryView(showsSummary ? _summary : null, _blocks, start, tokens) { Fitting = fitting, EndedByTokens = endedByTokens, HistoryTokens = tokens - _ownTokens - addedTokens };
    }

    /// <summary>Describes the content of a view, its excluded ranges, and the reasons.</summary>
    public ContextWindow Describe(HistoryView view)
    {
        var shown = _blocks.Skip(view.Start).Where(block => block.Count > 0).ToList();
        var byLimit = view.EndedByTokens ? ExclusionReason.TokenLimit : ExclusionReason.MessageLimit;
        var begin = FirstOf(view.Start);
        var fits = FirstOf(view.Fitting);
        IEnumerable<ExcludedRange> omissions =
        [
            new(view.Summary is null ? ExclusionReason.SummaryTooLarge : ExclusionReason.Summarized, 1, _read.After),
            .. Unreported(view.Fitting > 0 || _read.IsCut ? byLimit : ExclusionReason.NotForModel, _read.After + 1, fits - 1, isWhole: true),
            .. Unreported(ExclusionReason.ExchangeCut, fits, begin - 1, isWhole: true),
            .. _blocks.Skip(view.Start).SelectMany(block => block.Orphans ?? []).Select(position => new ExcludedRange(ExclusionReason.NoCall, position, position)),
            .. _read.Excluded,
            .. Unreported(ExclusionReason.NotForModel, begin, _read.Before - 1, isWhole: false),
        ];
        return new ContextWindow
        {
            MessageCount = shown.Sum(block => block.Count),
            Tokens = Amount(view.Tokens),
            MessageLimit = _limits.Messages,
            TokenLimit = _limits.Tokens,
            FirstPosition = shown.Count > 0 ? shown[0].First : null,
            Summary = view.Summary is null ? null : _read.Summary,
            Excluded = [.. omissions.Where(omission => omission.From <= omission.To).OrderBy(omission => omission.From)],
        };
    }

    /// <summary>Gets the token counts of messages that had none or that of another counter.</summary>
    public IReadOnlyList<TokenRecount> Recounts => _read.Recounts;

    /// <summary>Returns the positions between the last summary and the window that the prompt of the next turn would not show.</summary>
    /// <param name="input">The stored input.</param>
    /// <param name="added">The stored output.</param>
    public (long After, long Before) UnseenNext(IReadOnlyList<ConversationMessage> input, IReadOnlyList<ConversationMessage> added)
    {
        var stored = input.Concat(added).OfType<StoredMessage>().Where(message => message.Kind != MessageKind.Error && message.Position >= _read.Before).ToList();
        var read = _read with { Messages = [.. _read.Messages, .. stored], Before = stored.Count > 0 ? stored[^1].Position + 1 : _read.Before };
        var next = new HistoryWindow(_limits, _systemPrompt, read, [PromptCost.Counted(_limits.Counter, ConversationMessage.User(""))]);
        var before = next.FirstOf(next.First.Start);

        // Open calls are not summarized, because their results need them in the prompt.
        return (read.After, OpenCalls.Any(read.Messages) ? Math.Min(before, read.Messages[^OpenCalls.Length(read.Messages)].Position) : before);
    }

    /// <summary>Returns whether every result and response of an input answers an open call or request of the history.</summary>
    public bool AnswersOpenCalls(IReadOnlyList<ConversationMessage> input)
    {
        for (var i = 0; i < input.Count; i++)
        {
            if (input[i].Kind == MessageKind.ToolResult)
                return OpenCalls.AllAnswer(input, _read.Messages);
        }

        return true;
    }

    /// <summary>Returns the requests at the end of the history, if the input contains responses.</summary>
    public IReadOnlyList<TurnApproval> Approvals(IReadOnlyList<ConversationMessage> input) => OpenCalls.Approvals(_read.Messages, input);

    /// <summary>Returns whether a turn ends with open calls or requests.</summary>
    public bool EndsWithOpenCalls(IReadOnlyList<ConversationMessage> input, IReadOnlyList<ConversationMessage> added)
    {
        var last = added.LastOrDefault(message => message.Kind != MessageKind.Error) ?? input[^1];
        return last.Kind != MessageKind.Message && OpenCalls.Any([.. _read.Messages, .. input, .. added.Where(message => message.Kind != MessageKind.Error)]);
    }

    // The blocks from here on are always shown, regardless of the limits.
    private int NeededFrom => _isLastNeeded ? _blocks.Count - 1 : _blocks.Count;

    private TokenAmount Amount(long tokens) => new((int)Math.Min(tokens, int.MaxValue), _limits.Counter.Name);

    private (int Block, bool EndedByTokens) FindOldestThatFits(long tokens)
    {
        var count = _inputCount + (_isLastNeeded ? _blocks[^1].Count : 0);
        for (var oldest = NeededFrom; oldest > 0; oldest--)
        {
            count += _blocks[oldest - 1].Count;
            tokens += _blocks[oldest - 1].Tokens;
            if (count > _limits.Messages || tokens > _limits.Tokens)
                return (oldest, count <= _limits.Messages);
        }

        return (0, _read.IsCutByTokens);
    }

    /// <summary>Returns the first block of the window: a whole exchange, and a user message if there is one, because earlier blocks continue another message.</summary>
    private int FindStart(int fitting)
    {
        if (fitting == 0 && !_read.IsCut)
            return 0;

        for (var start = fitting; start < NeededFrom; start++)
        {
            if (_blocks[start].IsUsers)
                return start;
        }

        // The oldest block may lack messages that were not read.
        var isWhole = fitting > 0 || _blocks.Count == 0 || _blocks[0].IsSingle;
        return isWhole ? fitting : Math.Min(fitting + 1, NeededFrom);
    }

    private long FirstOf(int block) => block < _blocks.Count ? _blocks[block].First : _read.Before;

    /// <summary>Returns the positions of a range without those of the input, of other excluded ranges and, within the window, of shown messages.</summary>
    private IEnumerable<ExcludedRange> Unreported(ExclusionReason reason, long from, long to, bool isWhole)
    {
        var reported = _read.Excluded.Select(omission => (omission.From, omission.To))
            .Concat(isWhole ? [] : _read.Messages.Select(message => (From: message.Position, To: message.Position)))
            .Append(_read.Input)
            .Append((From: to + 1, To: to + 1))
            .Where(range => range.From >= from && range.From <= to + 1);
        var next = from;
        foreach (var range in reported.Order())
        {
            yield return new ExcludedRange(reason, next, range.From - 1);
            next = range.To + 1;
        }
    }
}

/// <summary>The part of a history that a prompt shows.</summary>
/// <param name="Summary">The summary that it begins with, as a message.</param>
/// <param name="Blocks">The blocks of the history.</param>
/// <param name="Start">The first block that is shown.</param>
/// <param name="Tokens">The tokens of the whole prompt.</param>
internal sealed record HistoryView(ConversationMessage? Summary, IReadOnlyList<HistoryBlock> Blocks, int Start, long Tokens)
{
    /// <summary>Gets the messages.</summary>
    public IReadOnlyList<ConversationMessage> Messages => field ??= AddTo(new(Blocks.Count - Start)).AsReadOnly();

    /// <summary>Gets the first block that would fit.</summary>
    public int Fitting { get; init; }

    public bool EndedByTokens { get; init; }

    /// <summary>Gets the tokens of the history and its summary.</summary>
    public long HistoryTokens { get; init; }

    /// <summary>Adds the messages to a list, and returns it.</summary>
    public List<ConversationMessage> AddTo(List<ConversationMessage> messages)
    {
        for (var i = Start; i < Blocks.Count; i++)
            Blocks[i].AddTo(messages);
        return messages;
    }
}
