namespace Conversations;

/// <summary>An exchange with tools or people: messages with calls or requests for approvals, one after the other, and directly after them messages with results or responses. A result belongs to a call of
/// its own exchange and to no other: ids are not unique, and no model accepts a result that does not follow its call. Likewise a response belongs to a request of its own exchange, and data directly behind a result belong to the result.</summary>
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

    /// <summary>Finds the calls and results, and the requests and responses, that belong together, by message and part. Of calls with the same id the one that was made first is answered first.</summary>
    /// <returns>The place of the other one, by the place of each.</returns>
    public static Dictionary<(int Message, int Part), (int Message, int Part)> Pair(IReadOnlyList<ConversationMessage> messages)
    {
        var paired = new Dictionary<(int Message, int Part), (int Message, int Part)>();
        var open = new Dictionary<(bool IsApproval, string Id), Queue<(int Message, int Part)>>();
        for (var i = 0; i < messages.Count; i++)
        {
            if (i > 0 && IsStart(messages, i))
                open.Clear();
            for (var j = 0; j < messages[i].Parts.Count; j++)
            {
                if (AskedBy(messages[i], messages[i].Parts[j]) is { } asked)
                {
                    if (!open.TryGetValue(asked, out var places))
                        open.Add(asked, places = []);
                    places.Enqueue((i, j));
                }
                else if (AnsweredBy(messages[i].Parts[j]) is { } answered && open.TryGetValue(answered, out var places) && places.TryDequeue(out var first))
                {
                    paired.Add(first, (i, j));
                    paired.Add((i, j), first);
                }
            }
        }

        return paired;
    }

    /// <summary>Returns whether a part of a message is a call or a request that can be answered.</summary>
    public static bool Asks(ConversationMessage message, ContentPart part) => AskedBy(message, part) is not null;

    /// <summary>Returns whether a part is a result or a response.</summary>
    public static bool Answers(ContentPart part) => AnsweredBy(part) is not null;

    /// <summary>Returns whether a message is the last of its exchange, or belongs to no exchange.</summary>
    public static bool IsEnd(IReadOnlyList<ConversationMessage> messages, int index) => index + 1 == messages.Count || IsStart(messages, index + 1);

    // The answer of an unfinished run may lack other requests, so those that it has are not open.
    private static (bool IsApproval, string Id)? AskedBy(ConversationMessage message, ContentPart part) => part switch
    {
        ToolCallPart call => (false, call.CallId),
        ApprovalRequestPart request when !message.IsPartial => (true, request.RequestId),
        _ => null,
    };

    private static (bool IsApproval, string Id)? AnsweredBy(ContentPart part) => part switch
    {
        ToolResultPart result => (false, result.CallId),
        ApprovalResponsePart response => (true, response.RequestId),
        _ => null,
    };

    private static bool IsStart(IReadOnlyList<ConversationMessage> messages, int index) => messages[index].Kind switch
    {
        MessageKind.ToolResult => messages[index - 1].Kind is not (MessageKind.ToolCall or MessageKind.ToolResult),
        MessageKind.ToolCall => messages[index - 1].Kind != MessageKind.ToolCall,
        _ => true,
    };
}
