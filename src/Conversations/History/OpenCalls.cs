namespace Conversations;

/// <summary>The open calls and requests for approvals at the end of a history. After any other message they are no longer open.</summary>
internal static class OpenCalls
{
    /// <summary>Returns the number of messages of the calls at the end of a history and their results; 0 if there are none.</summary>
    public static int Length(IReadOnlyList<ConversationMessage> history)
    {
        var start = Exchange.Start(history, history.Count - 1);
        return start < history.Count && history[start].Kind == MessageKind.ToolCall ? history.Count - start : 0;
    }

    /// <summary>Returns whether the messages end with an open call or request.</summary>
    public static bool Any(IReadOnlyList<ConversationMessage> messages)
    {
        var last = messages.TakeLast(Length(messages)).ToList();
        var paired = Exchange.Pair(last);
        return last.Index().Any(message => message.Item.Parts.Index().Any(part => Exchange.Asks(message.Item, part.Item) && !paired.ContainsKey((message.Index, part.Index))));
    }

    /// <summary>Returns whether every result and every response of the input answers a different open call or request. Input with responses and other messages must answer all requests: another message closes those that it leaves open, also the approved ones beside them.</summary>
    public static bool AllAnswer(IReadOnlyList<ConversationMessage> input, IReadOnlyList<ConversationMessage> history)
    {
        var last = history.TakeLast(Length(history)).ToList();
        var paired = Exchange.Pair([.. last, .. input]);
        var closesRequests = HasResponses(input) && input.Any(static message => message.Kind != MessageKind.ToolResult);
        if (closesRequests && Requests(last).Any(request => !paired.ContainsKey(request.Place)))
            return false;

        return input.Select((message, i) => (message, i)).All(item =>
            item.message.Parts.Select((part, j) => (part, j)).All(piece => !Exchange.Answers(piece.part) || paired.ContainsKey((last.Count + item.i, piece.j))));
    }

    /// <summary>Returns the requests at the end of a history, with the responses of the history and the input; empty if the input contains no response.</summary>
    public static IReadOnlyList<TurnApproval> Approvals(IReadOnlyList<ConversationMessage> history, IReadOnlyList<ConversationMessage> input)
    {
        if (!HasResponses(input))
            return [];

        var asked = history.TakeLast(Length(history)).ToList();
        IReadOnlyList<ConversationMessage> all = [.. asked, .. input];
        var paired = Exchange.Pair(all);
        return [.. Requests(asked).Select(request => new TurnApproval(request.Part, ResponseAt(request.Place)))];

        ApprovalResponsePart? ResponseAt((int Message, int Part) request) => paired.TryGetValue(request, out var place) ? (ApprovalResponsePart)all[place.Message].Parts[place.Part] : null;
    }

    /// <summary>Returns whether an input contains a response to a request for an approval.</summary>
    public static bool HasResponses(IReadOnlyList<ConversationMessage> input) => input.Any(static message => message.Parts.Any(static part => part is ApprovalResponsePart));

    private static IEnumerable<(ApprovalRequestPart Part, (int Message, int Part) Place)> Requests(IReadOnlyList<ConversationMessage> messages) =>
        messages.Index().SelectMany(message => message.Item.Parts.Index()
            .Where(part => part.Item is ApprovalRequestPart && Exchange.Asks(message.Item, part.Item))
            .Select(part => ((ApprovalRequestPart)part.Item, (message.Index, part.Index))));
}
