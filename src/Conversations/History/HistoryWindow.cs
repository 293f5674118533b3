using Conversations.Storage;

namespace Conversations;

/// <summary>Fits a history into a prompt, anew as the turn adds to it: whole exchanges, the newest ones, in one piece.</summary>
/// <remarks>Not safe from several threads at once.</remarks>
internal sealed class HistoryWindow
{
    private readonly WindowLimits _limits;
    private readonly HistoryRead _read;
    private readonly List<HistoryBlock> _blocks;
    private readonly ConversationMessage? _summary;
    private readonly ConversationMessage? _systemPrompt;
    private readonly long _ownTokens;
    private readonly int _inputCount;
    private readonly bool _isLastNeeded;

    /// <summary>Makes a window.</summary>
    /// <param name="limits">How much fits.</param>
    /// <param name="systemPrompt">The system prompt, counted; null if there is none.</param>
    /// <param name="read">The history.</param>
    /// <param name="input">What is asked now, counted.</param>
    /// <exception cref="PromptTooLargeException">What is asked is too large by itself.</exception>
    public HistoryWindow(WindowLimits limits, ConversationMessage? systemPrompt, HistoryRead read, IReadOnlyList<ConversationMessage> input)
    {
        _limits = limits;
        _systemPrompt = systemPrompt;
        _read = read;
        _blocks = HistoryBlock.Of(read.Messages, input, limits.Counter);
        _summary = read.Summary is { } summary ? PromptCost.Counted(limits.Counter, HistoryRead.MessageOf(summary.Text) with { CreatedAt = summary.CreatedAt, Tokens = summary.Tokens }) : null;
        _ownTokens = OwnTokens(systemPrompt, input);
        _inputCount = input.Count;

        // Results are of no use without their calls, so those are shown whatever the limits.
        _isLastNeeded = input is [{ Kind: MessageKind.ToolResult }, ..] && _blocks.Count > 0;
        First = Fit(addedTokens: 0);
    }

    /// <summary>The view before the turn has added anything.</summary>
    public HistoryView First { get; }

    /// <summary>Whether the first view shows every position before the turn, so that there is nothing to be told of what it leaves out.</summary>
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

    /// <summary>What the prompt costs without history and without what the turn adds.</summary>
    public long Own => _ownTokens;

    /// <summary>What a prompt costs that holds nothing of the history.</summary>
    public static long OwnTokens(ConversationMessage? systemPrompt, IReadOnlyList<ConversationMessage> input)
    {
        var tokens = PromptCost.OfPrompt + (long)(systemPrompt?.Tokens!.Value.Count ?? 0);
        for (var i = 0; i < input.Count; i++)
            tokens += input[i].Tokens!.Value.Count;
        return tokens;
    }

    /// <summary>Refuses a prompt that cannot be under its limit, whatever it shows of the history.</summary>
    /// <exception cref="PromptTooLargeException">It is too large.</exception>
    public static void ThrowIfTooLarge(long tokens, WindowLimits limits)
    {
        if (tokens > limits.Tokens)
            throw new PromptTooLargeException(new TokenAmount((int)Math.Min(tokens, int.MaxValue), limits.Counter.Name), limits.Tokens.Value);
    }

    /// <summary>Fits the history in beside what the turn has added.</summary>
    /// <param name="addedTokens">What that costs.</param>
    /// <exception cref="PromptTooLargeException">The turn's own messages are too large by themselves.</exception>
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
        return new HistoryView(showsSummary ? _summary : null, MessagesFrom(start), tokens) { Start = start, Fitting = fitting, EndedByTokens = endedByTokens, HistoryTokens = tokens - _ownTokens - addedTokens };
    }

    /// <summary>Tells what a view holds, what it leaves out, and why.</summary>
    public ContextWindow Describe(HistoryView view)
    {
        var shown = _blocks.Skip(view.Start).Where(block => block.Count > 0).ToList();
        var byLimit = view.EndedByTokens ? ExclusionReason.TokenLimit : ExclusionReason.MessageLimit;
        var begin = FirstOf(view.Start);
        var fits = FirstOf(view.Fitting);
        IEnumerable<ExcludedRange> omissions =
        [
            new(view.Summary is null ? ExclusionReason.SummaryTooLarge : ExclusionReason.Summarized, 1, _read.After),
            .. Untold(view.Fitting > 0 || _read.IsCut ? byLimit : ExclusionReason.NotForModel, _read.After + 1, fits - 1, isWhole: true),
            .. Untold(ExclusionReason.ExchangeCut, fits, begin - 1, isWhole: true),
            .. _blocks.Skip(view.Start).SelectMany(block => block.Orphans ?? []).Select(position => new ExcludedRange(ExclusionReason.NoCall, position, position)),
            .. _read.Excluded,
            .. Untold(ExclusionReason.NotForModel, begin, _read.Before - 1, isWhole: false),
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

    /// <summary>Counts that were taken anew, as the messages were counted by another counter or by none.</summary>
    public IReadOnlyList<MessageRecount> Recounts => _read.Recounts;

    /// <summary>What the next turn's prompt would not show, if it were as long as this one's: the positions between the last summary and the window.</summary>
    /// <param name="input">What was asked, as stored.</param>
    /// <param name="added">What was added, as stored.</param>
    public (long After, long Before) UnseenNext(IReadOnlyList<ConversationMessage> input, IReadOnlyList<ConversationMessage> added)
    {
        var said = input.Concat(added).Where(message => message.Kind != MessageKind.Error && message.Position >= _read.Before).ToList();
        var read = _read with { Messages = [.. _read.Messages, .. said], Before = said.Count > 0 ? said[^1].Position + 1 : _read.Before };
        var next = new HistoryWindow(_limits, _systemPrompt, read, [PromptCost.Counted(_limits.Counter, ConversationMessage.User(""))]);
        var before = next.FirstOf(next.First.Start);

        // Calls that wait for their results are not summarised: what answers them needs them as they are.
        return (read.After, OpenCalls.Any(read.Messages) ? Math.Min(before, read.Messages[^OpenCalls.Length(read.Messages)].Position) : before);
    }

    /// <summary>Whether every result of an input answers a call that the history ends with.</summary>
    public bool AnswersOpenCalls(IReadOnlyList<ConversationMessage> input) =>
        input.All(message => message.Kind != MessageKind.ToolResult) || OpenCalls.AllAnswer(input, _read.Messages);

    /// <summary>Whether a turn leaves calls open that somebody is to answer.</summary>
    public bool EndsWithOpenCalls(IReadOnlyList<ConversationMessage> input, IReadOnlyList<ConversationMessage> added)
    {
        var last = added.LastOrDefault(message => message.Kind != MessageKind.Error) ?? input[^1];
        return last.Kind != MessageKind.Message && OpenCalls.Any([.. _read.Messages, .. input, .. added.Where(message => message.Kind != MessageKind.Error)]);
    }

    // The blocks from here on are shown whatever the limits.
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

    /// <summary>Where the window begins: whole, and with a user's message if there is one, for what stands before that is the rest of what another message began.</summary>
    private int FindStart(int fitting)
    {
        if (fitting == 0 && !_read.IsCut)
            return 0;

        for (var start = fitting; start < NeededFrom; start++)
        {
            if (_blocks[start].IsUsers)
                return start;
        }

        // The oldest block that was read may lack messages that were not.
        var isWhole = fitting > 0 || _blocks.Count == 0 || _blocks[0].IsSingle;
        return isWhole ? fitting : Math.Min(fitting + 1, NeededFrom);
    }

    private long FirstOf(int block) => block < _blocks.Count ? _blocks[block].First : _read.Before;

    private List<ConversationMessage> MessagesFrom(int start)
    {
        var messages = new List<ConversationMessage>(_blocks.Count - start);
        for (var i = start; i < _blocks.Count; i++)
            _blocks[i].AddTo(messages);
        return messages;
    }

    /// <summary>The positions of a range of which nothing is told yet: neither the input nor what was left out as useless, nor, within the window, what is shown.</summary>
    private IEnumerable<ExcludedRange> Untold(ExclusionReason reason, long from, long to, bool isWhole)
    {
        var told = _read.Excluded.Select(omission => (omission.From, omission.To))
            .Concat(isWhole ? [] : _read.Messages.Select(message => (From: message.Position, To: message.Position)))
            .Append(_read.Input)
            .Append((From: to + 1, To: to + 1))
            .Where(range => range.From >= from && range.From <= to + 1);
        var next = from;
        foreach (var range in told.Order())
        {
            yield return new ExcludedRange(reason, next, range.From - 1);
            next = range.To + 1;
        }
    }
}

/// <summary>What a prompt shows of a history.</summary>
/// <param name="Summary">The summary that it begins with, as a message.</param>
/// <param name="Messages">The messages.</param>
/// <param name="Tokens">What the whole prompt costs.</param>
internal sealed record HistoryView(ConversationMessage? Summary, IReadOnlyList<ConversationMessage> Messages, long Tokens)
{
    /// <summary>The first block that is shown.</summary>
    public int Start { get; init; }

    /// <summary>The first block that would fit.</summary>
    public int Fitting { get; init; }

    public bool EndedByTokens { get; init; }

    /// <summary>How much of the cost is the history and its summary.</summary>
    public long HistoryTokens { get; init; }
}
