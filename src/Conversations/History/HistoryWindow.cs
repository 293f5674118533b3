using System.Runtime.InteropServices;
using Conversations.Storage;

namespace Conversations;

/// <summary>Fits a history into a prompt: whole exchanges from where the window began before, as long as they fit, and otherwise the newest ones. It is fitted again when the turn adds output.</summary>
/// <remarks>This type is not thread-safe.</remarks>
internal sealed partial class HistoryWindow
{
    private readonly WindowLimits _limits;
    private readonly HistoryRead _read;
    private readonly IReadOnlyList<HistoryBlock> _blocks;
    private readonly IReadOnlyList<ExcludedRange> _excluded;
    private readonly ConversationMessage? _summary;
    private readonly ConversationMessage? _systemPrompt;
    private readonly long _ownTokens;
    private readonly int _inputCount;
    private readonly bool _isLastNeeded;
    private Place _place;

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
        (_blocks, _excluded) = HistoryBlock.Of(read.Messages, input, limits.Counter);
        if (read.Excluded.Count > 0)
            _excluded = [.. _excluded, .. read.Excluded];
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
            var shown = First.Question is null ? 0L : 1;
            for (var i = First.Start; i < _blocks.Count; i++)
                shown += _blocks[i].Count;
            return shown == _read.Before - 1;
        }
    }

    /// <summary>Gets the tokens of the prompt without history and output.</summary>
    public long Own => _ownTokens;

    /// <summary>Gets the position at which the window begins. The next window begins there, too, as long as it fits.</summary>
    public long Begin => _place.Start == 0 && !_place.IsCut ? _read.From : FirstOf(_place.Start);

    /// <summary>Gets <see cref="Begin"/>; null if no history is shown.</summary>
    public long? ShownFrom => _place.Start < _blocks.Count ? Begin : null;

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

    /// <summary>Returns the view that fits together with the output so far. A window that was cut is not extended again.</summary>
    /// <param name="addedTokens">The tokens of the output so far.</param>
    /// <exception cref="PromptTooLargeException">The turn's own messages alone exceed the limit.</exception>
    public HistoryView Fit(long addedTokens)
    {
        var needed = _isLastNeeded ? _blocks[^1] : (HistoryBlock?)null;
        var tokens = _ownTokens + addedTokens + (needed?.Tokens ?? 0);
        ThrowIfTooLarge(tokens, _limits);
        var showsSummary = _summary is not null && !(tokens + _summary.Tokens!.Value.Count > _limits.Tokens);
        if (showsSummary)
            tokens += _summary!.Tokens!.Value.Count;

        var room = new WindowRoom(_limits.Messages - _inputCount - (needed?.Count ?? 0), _limits.Tokens - tokens);
        if ((_read.IsCut && !_place.IsCut) || !room.Holds(SizeFrom(_place.Start) + SizeOf(QuestionAt(_place.Start))))
            _place = Cut(room);

        var question = QuestionAt(_place.Start);
        tokens += (SizeFrom(_place.Start) + SizeOf(question)).Tokens;
        return new HistoryView(showsSummary ? _summary : null, question, _blocks, _place.Start, tokens, _read.Models) { HistoryTokens = tokens - _ownTokens - addedTokens };
    }

    /// <summary>Gets the token counts of messages that had none or that of another counter.</summary>
    public IReadOnlyList<TokenRecount> Recounts => _read.Recounts;

    /// <summary>Returns the positions between the last summary and the window that the prompt of the next turn would not show.</summary>
    /// <param name="input">The stored input.</param>
    /// <param name="added">The stored output.</param>
    public (long After, long Before) UnseenNext(IReadOnlyList<ConversationMessage> input, IReadOnlyList<ConversationMessage> added)
    {
        var stored = input.Concat(added).OfType<StoredMessage>().Where(message => message.Kind != MessageKind.Error && message.Position >= _read.Before).ToList();
        var read = _read with
        {
            Messages = [.. _read.Messages.Where(message => message.Position >= Begin), .. stored],
            Before = stored.Count > 0 ? stored[^1].Position + 1 : _read.Before,
            From = Begin,
            Question = QuestionAt(_place.Start)?.Single,
            IsCut = false,
        };
        var next = new HistoryWindow(_limits, _systemPrompt, read, [PromptCost.Counted(_limits.Counter, ConversationMessage.User(""))]);

        // Open calls are not summarized, because their results need them in the prompt.
        return (read.After, OpenCalls.Any(read.Messages) ? Math.Min(next.Begin, read.Messages[^OpenCalls.Length(read.Messages)].Position) : next.Begin);
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

    // The oldest block may lack messages that were not read.
    private int Oldest => Math.Min(_read.IsCut && _blocks.Count > 0 && !_blocks[0].IsSingle ? 1 : 0, NeededFrom);

    private TokenAmount Amount(long tokens) => new((int)Math.Min(tokens, int.MaxValue), _limits.Counter.Name);

    private long FirstOf(int block) => block < _blocks.Count ? _blocks[block].First : _read.Before;

    private static WindowSpace SizeOf(HistoryBlock? block) => block is { } some ? new WindowSpace(some.Count, some.Tokens) : default;

    /// <summary>Returns the size of the blocks from one on, without the needed one.</summary>
    private WindowSpace SizeFrom(int start)
    {
        var size = default(WindowSpace);
        for (var i = start; i < NeededFrom; i++)
            size += new WindowSpace(_blocks[i].Count, _blocks[i].Tokens);
        return size;
    }

    /// <summary>Returns the user message that a window shows before a block at which it begins: the last one before it, if the block continues an exchange with it. Words go before calls: the question is shown before the older calls of its answer.</summary>
    private HistoryBlock? QuestionAt(int start)
    {
        if (start == _blocks.Count || _blocks[start].IsUsers)
            return null;

        for (var i = start - 1; i >= 0; i--)
        {
            if (_blocks[i].IsUsers)
                return _place.HidesQuestion ? null : _blocks[i];
        }

        return _read.Question is { } question && !_place.HidesQuestion ? HistoryBlock.Of(question) : null;
    }

    /// <summary>Returns where a window begins that is cut back to about its share of the room, at a user message. If no user message fits, the window begins with the newest exchanges of the last answer, after its question.</summary>
    private Place Cut(WindowRoom room)
    {
        var (fitting, byTokens) = OldestThatFits(room, room);
        var kept = OldestThatFits(room.Share(_limits.Trim), room).Block;
        if (UserNear(fitting, kept, room) is { } user)
            return new Place(user, fitting, byTokens, IsCut: true);

        // Everything that fits is part of one answer.
        var start = kept == NeededFrom ? fitting : kept;
        var asked = new Place(start, fitting, byTokens, IsCut: true);
        _place = asked;
        if (QuestionAt(fitting) is not { } question)
            return asked;

        var left = room.Without(SizeOf(question));
        var last = Math.Max(NeededFrom - 1, 0);
        if (!room.Holds(SizeOf(question)) || (!_isLastNeeded && !left.Holds(SizeFrom(last))))
            return asked with { HidesQuestion = true };

        fitting = OldestThatFits(left, left).Block;
        kept = OldestThatFits(left.Share(_limits.Trim), left).Block;
        return asked with { Start = kept == NeededFrom ? fitting : kept, Fitting = fitting };
    }

    /// <summary>Returns the oldest block from which on all fit, and whether tokens ended the search.</summary>
    private (int Block, bool ByTokens) OldestThatFits(WindowRoom room, WindowRoom whole)
    {
        var size = default(WindowSpace);
        for (var oldest = NeededFrom; oldest > Oldest; oldest--)
        {
            size += new WindowSpace(_blocks[oldest - 1].Count, _blocks[oldest - 1].Tokens);
            if (!room.Holds(size))
                return (oldest, whole.HoldsMessages(size));
        }

        return (Oldest, _read.IsCutByTokens);
    }

    /// <summary>Returns the user message at which a window of about its share begins: the first one of the share, or the last one before it that fits, if the first one leaves less than half of the share; null if no user message fits.</summary>
    private int? UserNear(int fitting, int kept, WindowRoom room)
    {
        int? before = null, after = null;
        for (var i = fitting; i < NeededFrom && after is null; i++)
        {
            if (!_blocks[i].IsUsers)
                continue;
            if (i < kept)
                before = i;
            else
                after = i;
        }

        return before is null || (after is not null && room.Fill(SizeFrom(after.Value)) >= room.Fill(SizeFrom(kept)) / 2) ? after : before;
    }

    /// <summary>Where a window begins.</summary>
    /// <param name="Start">The first block that is shown.</param>
    /// <param name="Fitting">The first block that would fit.</param>
    /// <param name="EndedByTokens">Whether the limit of tokens excludes what is before it.</param>
    /// <param name="IsCut">Whether the window was cut.</param>
    /// <param name="HidesQuestion">Whether there is no room for the question of the answer in whose middle the window begins.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Place(int Start, int Fitting, bool EndedByTokens, bool IsCut, bool HidesQuestion = false);
}
