namespace Conversations;

/// <summary>Knows which tool calls of a history wait for their results.</summary>
internal static class OpenCalls
{
    /// <summary>Whether every tool result of the input answers an open call of its own.</summary>
    public static bool AllAnswer(IEnumerable<ConversationMessage> input, IEnumerable<ConversationMessage> history)
    {
        var open = Of(history);
        return input.SelectMany(message => message.Parts).OfType<ToolResultPart>().All(result => Close(open, result.CallId));
    }

    /// <summary>The ids of the open calls, with one entry a call: ids are not unique. A result answers the newest call of its id.</summary>
    private static List<string> Of(IEnumerable<ConversationMessage> history)
    {
        var open = new List<string>();
        foreach (var part in history.SelectMany(message => message.Parts))
        {
            if (part is ToolCallPart call)
                open.Add(call.CallId);
            else if (part is ToolResultPart result)
                Close(open, result.CallId);
        }

        return open;
    }

    private static bool Close(List<string> open, string callId)
    {
        var newest = open.FindLastIndex(id => string.Equals(id, callId, StringComparison.Ordinal));
        if (newest < 0)
            return false;

        open.RemoveAt(newest);
        return true;
    }
}
