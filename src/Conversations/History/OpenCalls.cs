namespace Conversations;

/// <summary>The open calls at the end of a history. After any other message a call is no longer open.</summary>
internal static class OpenCalls
{
    /// <summary>Returns the number of messages of the calls at the end of a history and their results; 0 if there are none.</summary>
    public static int Length(IReadOnlyList<ConversationMessage> history)
    {
        var start = Exchange.Start(history, history.Count - 1);
        return start < history.Count && history[start].Kind == MessageKind.ToolCall ? history.Count - start : 0;
    }

    /// <summary>Returns whether the messages end with an open call.</summary>
    public static bool Any(IReadOnlyList<ConversationMessage> messages)
    {
        var last = messages.TakeLast(Length(messages)).ToList();
        var paired = Exchange.Pair(last);
        return last.Index().Any(message => message.Item.Parts.Index().Any(part => part.Item is ToolCallPart && !paired.Contains((message.Index, part.Index))));
    }

    /// <summary>Returns whether every result of the input answers a different open call.</summary>
    public static bool AllAnswer(IReadOnlyList<ConversationMessage> input, IReadOnlyList<ConversationMessage> history)
    {
        var last = history.TakeLast(Length(history)).ToList();
        var paired = Exchange.Pair([.. last, .. input]);
        return input.Select((message, i) => (message, i)).All(item =>
            item.message.Parts.Select((part, j) => (part, j)).All(piece => piece.part is not ToolResultPart || paired.Contains((last.Count + item.i, piece.j))));
    }
}
