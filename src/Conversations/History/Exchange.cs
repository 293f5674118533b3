namespace Conversations;

/// <summary>An exchange with tools: messages that call, one after the other, and directly after them messages with results. A result belongs to a call of
/// its own exchange and to no other: ids are not unique, and no model accepts a result that does not follow its call.</summary>
internal static class Exchange
{
    /// <summary>Returns the beginning of the exchange whose last message so far is the specified one; the message itself if it belongs to no exchange.</summary>
    public static int Start(IReadOnlyList<ConversationMessage> messages, int last)
    {
        var start = last;
        while (start > 0 && messages[start].Kind == MessageKind.ToolResult)
            start--;
        while (start > 0 && messages[start].Kind == MessageKind.ToolCall && messages[start - 1].Kind == MessageKind.ToolCall)
            start--;
        return Math.Max(start, 0);
    }

    /// <summary>Finds the calls and results that belong together, by message and part. Of calls with the same id the one that was made first is answered first.</summary>
    public static HashSet<(int Message, int Part)> Pair(IReadOnlyList<ConversationMessage> messages)
    {
        var paired = new HashSet<(int Message, int Part)>();
        var open = new Dictionary<string, Queue<(int Message, int Part)>>(StringComparer.Ordinal);
        for (var i = 0; i < messages.Count; i++)
        {
            if (i > 0 && IsStart(messages, i))
                open.Clear();
            for (var j = 0; j < messages[i].Parts.Count; j++)
            {
                if (messages[i].Parts[j] is ToolCallPart call)
                {
                    if (!open.TryGetValue(call.CallId, out var calls))
                        open.Add(call.CallId, calls = []);
                    calls.Enqueue((i, j));
                }
                else if (messages[i].Parts[j] is ToolResultPart result && open.TryGetValue(result.CallId, out var calls) && calls.TryDequeue(out var first))
                {
                    paired.Add(first);
                    paired.Add((i, j));
                }
            }
        }

        return paired;
    }

    /// <summary>Returns whether a message is the last of its exchange, or belongs to no exchange.</summary>
    public static bool IsEnd(IReadOnlyList<ConversationMessage> messages, int index) => index + 1 == messages.Count || IsStart(messages, index + 1);

    private static bool IsStart(IReadOnlyList<ConversationMessage> messages, int index) => messages[index].Kind switch
    {
        MessageKind.ToolResult => messages[index - 1].Kind is not (MessageKind.ToolCall or MessageKind.ToolResult),
        MessageKind.ToolCall => messages[index - 1].Kind != MessageKind.ToolCall,
        _ => true,
    };
}
