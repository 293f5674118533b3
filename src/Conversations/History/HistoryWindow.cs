namespace Conversations;

/// <summary>Shapes what was read of a history into what a model accepts: no tool result without its call directly before it, no call without a result.</summary>
internal static class HistoryWindow
{
    private const string Interrupted = "The call was interrupted; its result is not known.";

    /// <summary>Shapes a history.</summary>
    /// <param name="history">The newest messages, oldest first.</param>
    /// <param name="input">What comes after them; it may answer the calls that they end with.</param>
    public static IReadOnlyList<ConversationMessage> Shape(IReadOnlyList<ConversationMessage> history, IReadOnlyList<ConversationMessage> input)
    {
        var isCut = history.Count > 0 && history[0].Position > 1;
        IReadOnlyList<ConversationMessage> whole = isCut ? [.. history.Skip(FirstWhole(history))] : history;
        if (whole.All(message => message.Kind == MessageKind.Message))
            return whole;

        IReadOnlyList<ConversationMessage> all = [.. whole, .. input];
        var paired = Exchange.Pair(all);
        var shaped = new List<ConversationMessage>(whole.Count);
        for (var i = 0; i < whole.Count; i++)
        {
            if (WithoutOrphans(all[i], i, paired) is { } message)
                shaped.Add(message);
            if (Exchange.IsEnd(all, i) || i == whole.Count - 1)
                CloseInterrupted(all, i, paired, shaped);
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

    /// <summary>Adds a result for each call of an exchange that has none.</summary>
    private static void CloseInterrupted(
        IReadOnlyList<ConversationMessage> messages, int end, HashSet<(int Message, int Part)> paired, List<ConversationMessage> shaped)
    {
        for (var i = Exchange.Start(messages, end); i <= end; i++)
        {
            var calls = messages[i];
            for (var j = 0; j < calls.Parts.Count; j++)
            {
                if (calls.Parts[j] is not ToolCallPart call || paired.Contains((i, j)))
                    continue;

                var result = new ToolResultPart(call.CallId, Interrupted) { Name = call.Name, IsError = true };
                shaped.Add(new ConversationMessage(MessageRole.Tool, result) { ConversationId = calls.ConversationId, CreatedAt = calls.CreatedAt });
            }
        }
    }

    private static ConversationMessage? WithoutOrphans(ConversationMessage message, int index, HashSet<(int Message, int Part)> paired)
    {
        var kept = message.Parts.Where((part, j) => part is not ToolResultPart || paired.Contains((index, j))).ToList();
        if (kept.Count == message.Parts.Count)
            return message;

        return kept.Count == 0 ? null : message.WithParts(kept);
    }
}
