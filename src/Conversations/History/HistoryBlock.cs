using System.Collections;

namespace Conversations;

/// <summary>A unit that a window shows whole or not at all: an exchange, or a single message.</summary>
internal readonly record struct HistoryBlock
{
    private const string Interrupted = "The call was interrupted; its result is not known.";
    private const string Unanswered = "The call has no result yet.";
    private const string TooLarge = "The result is too large to be shown.";

    // A single message, as most blocks are, or an exchange.
    private readonly object _content;

    private HistoryBlock(object content) => _content = content;

    /// <summary>Gets the number of stored messages that the block shows.</summary>
    public int Count => _content is ShapedExchange exchange ? exchange.Count : 1;

    /// <summary>Gets the number of tokens.</summary>
    public long Tokens => _content is ShapedExchange exchange ? exchange.Tokens : ((StoredMessage)_content).Tokens!.Value.Count;

    /// <summary>Gets the position of the first message of the block.</summary>
    public long First => _content is ShapedExchange exchange ? exchange.First : ((StoredMessage)_content).Position;

    /// <summary>Gets the positions of messages that consist only of results without calls or responses without requests; null if there are none.</summary>
    public List<long>? Orphans => (_content as ShapedExchange)?.Orphans;

    /// <summary>Gets whether the block is a message that belongs to no exchange.</summary>
    public bool IsSingle => _content is StoredMessage;

    /// <summary>Gets the message that belongs to no exchange; null if the block is an exchange.</summary>
    public StoredMessage? Single => _content as StoredMessage;

    public bool IsUsers => _content is StoredMessage { Role: MessageRole.User };

    /// <summary>Creates the blocks of a history, so that each call has a result and each result its call.</summary>
    /// <param name="history">The messages, oldest first.</param>
    /// <param name="input">The input. It may answer the open calls of the history.</param>
    /// <param name="counter">The counter for messages that it has not counted yet.</param>
    /// <returns>The blocks, and the messages of which nothing is shown.</returns>
    public static (IReadOnlyList<HistoryBlock> Blocks, IReadOnlyList<ExcludedRange> Excluded) Of(
        IReadOnlyList<StoredMessage> history, IReadOnlyList<ConversationMessage> input, ITokenCounter counter)
    {
        if (IsPlain(history, counter))
            return (new SingleMessages(history), []);

        var (shown, excluded) = Shown(history);
        var blocks = new List<HistoryBlock>(shown.Count);
        IReadOnlyList<ConversationMessage> all = [.. shown, .. input];
        var paired = Exchange.Pair(all);
        for (int start = 0, end = 0; end < shown.Count; end++)
        {
            if (end != shown.Count - 1 && !Exchange.IsEnd(all, end))
                continue;

            blocks.Add(start == end && shown[end].Kind == MessageKind.Message
                ? new HistoryBlock(PromptCost.Counted(counter, shown[end]))
                : Shape(shown, start, end, paired, counter, excluded));
            start = end + 1;
        }

        return (blocks, excluded);
    }

    /// <summary>Creates the block of one message.</summary>
    public static HistoryBlock Of(StoredMessage message) => new(message);

    public void AddTo(List<ConversationMessage> messages)
    {
        if (_content is ShapedExchange exchange)
            messages.AddRange(exchange.Messages);
        else
            messages.Add((StoredMessage)_content);
    }

    private static bool IsPlain(IReadOnlyList<StoredMessage> messages, ITokenCounter counter)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            if (!ShownContent.IsPlain(messages[i]) || !PromptCost.IsCounted(counter, messages[i]))
                return false;
        }

        return true;
    }

    /// <summary>Returns the messages of which something is shown.</summary>
    private static (List<StoredMessage> Shown, List<ExcludedRange> Excluded) Shown(IReadOnlyList<StoredMessage> history)
    {
        var shown = new List<StoredMessage>(history.Count);
        var excluded = new List<ExcludedRange>();
        for (var i = 0; i < history.Count; i++)
        {
            var message = history[i];
            if (ShownContent.IsOmitted(message))
                excluded.Add(new ExcludedRange(ExclusionReason.TooLarge, message.Position, message.Position));
            else if (ShownContent.Of(message, IsContinued(history, i)) is { } content)
                shown.Add(content);
            else
                excluded.Add(new ExcludedRange(ExclusionReason.NothingToShow, message.Position, message.Position));
        }

        return (shown, excluded);
    }

    // Some clients return the reasoning and what it leads to as two messages.
    private static bool IsContinued(IReadOnlyList<StoredMessage> history, int index) =>
        index + 1 < history.Count && history[index] is { Role: MessageRole.Assistant, RunNumber: { } run }
        && history[index + 1] is { Role: MessageRole.Assistant } next && next.RunNumber == run && !ShownContent.IsOmitted(next);

    private static HistoryBlock Shape(
        List<StoredMessage> history, int start, int end, Dictionary<(int Message, int Part), (int Message, int Part)> paired, ITokenCounter counter, List<ExcludedRange> excluded)
    {
        var next = end + 1 < history.Count ? history[end + 1].Position : long.MaxValue;
        var isTooLarge = excluded.Exists(range => range.Reason == ExclusionReason.TooLarge && range.From > history[start].Position && range.From < next);

        var shaped = new List<ConversationMessage>(end - start + 1);
        List<long>? orphans = null;
        for (var i = start; i <= end; i++)
        {
            if (WithoutOrphans(history[i], i, paired) is { } message)
                shaped.Add(PromptCost.Counted(counter, message));
            else
                (orphans ??= []).Add(history[i].Position);
        }

        // Directly behind the calls: results that come later are behind them in this prompt and in all others.
        var count = shaped.Count;
        var results = shaped.FindIndex(static message => message.Kind == MessageKind.ToolResult) is var first and >= 0 ? first : count;
        shaped.InsertRange(results, Enumerable.Range(start, end - start + 1)
            .SelectMany(i => MissingResults(history[i], i, paired, isTooLarge))
            .Select(result => PromptCost.Counted(counter, result)));
        return new HistoryBlock(new ShapedExchange(shaped, count, shaped.Sum(message => (long)message.Tokens!.Value.Count), history[start].Position, orphans));
    }

    private static StoredMessage? WithoutOrphans(StoredMessage message, int index, Dictionary<(int Message, int Part), (int Message, int Part)> paired)
    {
        if (message.Kind == MessageKind.Message)
            return message;

        var kept = new List<ContentPart>(message.Parts.Count);
        var isOrphan = false;
        for (var j = 0; j < message.Parts.Count; j++)
        {
            var part = message.Parts[j];
            isOrphan = Exchange.Answers(part) ? !paired.ContainsKey((index, j)) : isOrphan && part is DataPart;
            if (!isOrphan)
                kept.Add(part);
        }

        if (kept.Count == message.Parts.Count)
            return message;

        return kept.Count == 0 ? null : message with { Parts = kept };
    }

    /// <summary>Returns a placeholder for each missing result of a message's calls. A call of a committed turn was not interrupted: it is open.</summary>
    private static IEnumerable<ConversationMessage> MissingResults(StoredMessage calls, int index, Dictionary<(int Message, int Part), (int Message, int Part)> paired, bool isTooLarge) =>
        calls.Parts.Index()
            .Where(part => part.Item is ToolCallPart && !paired.ContainsKey((index, part.Index)))
            .Select(part => (ToolCallPart)part.Item)
            .Select(call => new ToolResultPart(call.CallId, isTooLarge ? TooLarge : calls is { IsPartial: false, RunNumber: not null } ? Unanswered : Interrupted) { Name = call.Name, IsError = true })
            .Select(result => new ConversationMessage(MessageRole.Tool, result) { CreatedAt = calls.CreatedAt });

    /// <summary>Counted messages that belong to no exchange, as blocks.</summary>
    private sealed class SingleMessages(IReadOnlyList<StoredMessage> messages) : IReadOnlyList<HistoryBlock>
    {
        public int Count => messages.Count;

        public HistoryBlock this[int index] => new(messages[index]);

        public IEnumerator<HistoryBlock> GetEnumerator() => messages.Select(static message => new HistoryBlock(message)).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private sealed record ShapedExchange(List<ConversationMessage> Messages, int Count, long Tokens, long First, List<long>? Orphans);
}
