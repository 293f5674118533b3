namespace Conversations;

/// <summary>What a window holds whole or not at all: an exchange with tools, or a message of its own, as the model is to see it.</summary>
/// <param name="Messages">The messages, with a stand-in for each result that is missing; empty if they are results without calls.</param>
/// <param name="Count">How many of them are stored.</param>
/// <param name="Tokens">What they cost.</param>
/// <param name="First">The position of the first message that was read for it.</param>
internal sealed record HistoryBlock(IReadOnlyList<ConversationMessage> Messages, int Count, long Tokens, long First)
{
    private const string Interrupted = "The call was interrupted; its result is not known.";
    private const string Unanswered = "The call has no result yet.";

    /// <summary>The positions of messages that were nothing but results without calls.</summary>
    public IReadOnlyList<long> Orphans { get; init; } = [];

    public bool IsUsers => Messages is [{ Role: MessageRole.User }, ..];

    /// <summary>Makes blocks of a history, so that each call has a result and each result its call.</summary>
    /// <param name="history">The messages, oldest first.</param>
    /// <param name="input">What comes after them; it may answer the calls that they end with.</param>
    /// <param name="counter">Counts what was not counted by it before.</param>
    public static List<HistoryBlock> Of(IReadOnlyList<ConversationMessage> history, IReadOnlyList<ConversationMessage> input, ITokenCounter counter)
    {
        IReadOnlyList<ConversationMessage> all = [.. history, .. input];
        var paired = all.All(message => message.Kind == MessageKind.Message) ? [] : Exchange.Pair(all);
        var blocks = new List<HistoryBlock>(history.Count);
        for (int start = 0, end = 0; end < history.Count; end++)
        {
            if (end != history.Count - 1 && !Exchange.IsEnd(all, end))
                continue;

            blocks.Add(Shape(history, start, end, paired, counter));
            start = end + 1;
        }

        return blocks;
    }

    private static HistoryBlock Shape(
        IReadOnlyList<ConversationMessage> history, int start, int end, HashSet<(int Message, int Part)> paired, ITokenCounter counter)
    {
        var shaped = new List<ConversationMessage>(end - start + 1);
        List<long>? orphans = null;
        for (var i = start; i <= end; i++)
        {
            if (WithoutOrphans(history[i], i, paired) is { } message)
                shaped.Add(PromptCost.Counted(counter, message));
            else
                (orphans ??= []).Add(history[i].Position);
        }

        var count = shaped.Count;
        for (var i = start; i <= end; i++)
            shaped.AddRange(MissingResults(history[i], i, paired).Select(result => PromptCost.Counted(counter, result)));
        return new HistoryBlock(shaped, count, shaped.Sum(message => (long)message.Tokens!.Value.Count), history[start].Position) { Orphans = orphans ?? [] };
    }

    private static ConversationMessage? WithoutOrphans(ConversationMessage message, int index, HashSet<(int Message, int Part)> paired)
    {
        if (message.Kind == MessageKind.Message)
            return message;

        var kept = message.Parts.Where((part, j) => part is not ToolResultPart || paired.Contains((index, j))).ToList();
        if (kept.Count == message.Parts.Count)
            return message;

        return kept.Count == 0 ? null : message.WithParts(kept);
    }

    /// <summary>A stand-in for each result that a message's calls lack. A call that a turn committed was not interrupted: it waits.</summary>
    private static IEnumerable<ConversationMessage> MissingResults(ConversationMessage calls, int index, HashSet<(int Message, int Part)> paired) =>
        calls.Parts.Index()
            .Where(part => part.Item is ToolCallPart && !paired.Contains((index, part.Index)))
            .Select(part => (ToolCallPart)part.Item)
            .Select(call => new ToolResultPart(call.CallId, calls is { IsPartial: false, RunNumber: not null } ? Unanswered : Interrupted) { Name = call.Name, IsError = true })
            .Select(result => new ConversationMessage(MessageRole.Tool, result) { ConversationId = calls.ConversationId, CreatedAt = calls.CreatedAt });
}
