namespace Conversations;

/// <summary>The tool calls that a history ends with: those that wait for their results. As soon as anybody else speaks, a call is open no longer.</summary>
internal static class OpenCalls
{
    /// <summary>How many messages the calls at the end of a history and their results take; 0 if it does not end with any.</summary>
    public static int Length(IReadOnlyList<ConversationMessage> history)
    {
        var start = Exchange.Start(history, history.Count - 1);
        return start < history.Count && history[start].Kind == MessageKind.ToolCall ? history.Count - start : 0;
    }

    /// <summary>Whether messages end with calls of which one has no result.</summary>
    public static bool Any(IReadOnlyList<ConversationMessage> messages)
    {
        var last = messages.TakeLast(Length(messages)).ToList();
        var paired = Exchange.Pair(last);
        return last.Index().Any(message => message.Item.Parts.Index().Any(part => part.Item is ToolCallPart && !paired.Contains((message.Index, part.Index))));
    }

    /// <summary>Whether every result of the input answers an open call of its own.</summary>
    public static bool AllAnswer(IReadOnlyList<ConversationMessage> input, IReadOnlyList<ConversationMessage> history)
    {
        var last = history.TakeLast(Length(history)).ToList();
        var paired = Exchange.Pair([.. last, .. input]);
        return input.Select((message, i) => (message, i)).All(said =>
            said.message.Parts.Select((part, j) => (part, j)).All(piece => piece.part is not ToolResultPart || paired.Contains((last.Count + said.i, piece.j))));
    }
}
