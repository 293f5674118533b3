namespace Conversations;

/// <summary>Shapes what was read of a history into what a model accepts: no tool result without its call, no call without a result.</summary>
internal static class HistoryWindow
{
    private const string Interrupted = "The call was interrupted; its result is not known.";

    /// <summary>Shapes a history.</summary>
    /// <param name="history">The newest messages, oldest first.</param>
    /// <param name="input">What comes after them; it may answer calls that they left open.</param>
    public static IReadOnlyList<ConversationMessage> Shape(IReadOnlyList<ConversationMessage> history, IReadOnlyList<ConversationMessage> input)
    {
        var isCut = history.Count > 0 && history[0].Position > 1;
        IReadOnlyList<ConversationMessage> whole = isCut ? [.. history.Skip(FirstWhole(history))] : history;
        if (whole.All(message => message.Kind == MessageKind.Message))
            return whole;

        var paired = Pair(whole, input);
        var shaped = new List<ConversationMessage>(whole.Count);
        for (var i = 0; i < whole.Count; i++)
        {
            if (WithoutOrphans(whole, i, paired) is { } message)
                shaped.Add(message);
            if (i + 1 == whole.Count || whole[i + 1].Kind != MessageKind.ToolResult)
                CloseInterrupted(whole, CallsBefore(whole, i), paired, shaped);
        }

        return shaped;
    }

    /// <summary>A cut history begins at a user's message if it has one: what stands before is the rest of an exchange.</summary>
    private static int FirstWhole(IReadOnlyList<ConversationMessage> history)
    {
        for (var i = 0; i < history.Count; i++)
        {
            if (history[i].Role == MessageRole.User)
                return i;
        }

        return 0;
    }

    /// <summary>Finds the calls and results that belong together. They are told apart by where they stand: ids, and whole parts, may stand twice.</summary>
    private static HashSet<(int Message, int Part)> Pair(IReadOnlyList<ConversationMessage> history, IReadOnlyList<ConversationMessage> input)
    {
        var paired = new HashSet<(int Message, int Part)>();
        var open = new List<(string CallId, (int Message, int Part) Place)>();
        for (var i = 0; i < history.Count + input.Count; i++)
        {
            var message = i < history.Count ? history[i] : input[i - history.Count];
            for (var j = 0; j < message.Parts.Count; j++)
            {
                if (message.Parts[j] is ToolCallPart call)
                {
                    open.Add((call.CallId, (i, j)));
                }
                else if (message.Parts[j] is ToolResultPart result
                    && open.FindLastIndex(candidate => string.Equals(candidate.CallId, result.CallId, StringComparison.Ordinal)) is var newest and >= 0)
                {
                    paired.Add(open[newest].Place);
                    paired.Add((i, j));
                    open.RemoveAt(newest);
                }
            }
        }

        return paired;
    }

    private static int CallsBefore(IReadOnlyList<ConversationMessage> history, int index)
    {
        while (index > 0 && history[index].Kind == MessageKind.ToolResult)
            index--;
        return index;
    }

    /// <summary>Adds a result for each call of a message that has none.</summary>
    private static void CloseInterrupted(
        IReadOnlyList<ConversationMessage> history, int index, HashSet<(int Message, int Part)> paired, List<ConversationMessage> shaped)
    {
        var calls = history[index];
        for (var j = 0; j < calls.Parts.Count; j++)
        {
            if (calls.Parts[j] is not ToolCallPart call || paired.Contains((index, j)))
                continue;

            var result = new ToolResultPart(call.CallId, Interrupted) { Name = call.Name, IsError = true };
            shaped.Add(new ConversationMessage(MessageRole.Tool, result) { ConversationId = calls.ConversationId, CreatedAt = calls.CreatedAt });
        }
    }

    private static ConversationMessage? WithoutOrphans(IReadOnlyList<ConversationMessage> history, int index, HashSet<(int Message, int Part)> paired)
    {
        var message = history[index];
        var kept = message.Parts.Where((part, j) => part is not ToolResultPart || paired.Contains((index, j))).ToList();
        if (kept.Count == message.Parts.Count)
            return message;

        return kept.Count == 0 ? null : message.WithParts(kept);
    }
}
