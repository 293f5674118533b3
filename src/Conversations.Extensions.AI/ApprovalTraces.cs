using System.Globalization;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Shows the model what became of requests for approvals that led to no call: the call, with a result that says so. Requests that are answered now, and those whose call is in the history, are left as they are.</summary>
internal static class ApprovalTraces
{
    private const string NotApproved = "The call was not approved. The function did not run.";
    private const string NotDecided = "The function did not run, because a call beside it was not approved.";
    private const string Interrupted = "The call was approved and then interrupted; its result is not known.";

    /// <summary>Returns a history with those calls and results.</summary>
    /// <param name="history">The history, whose messages are changed.</param>
    /// <param name="answered">The ids of the requests that are answered now.</param>
    /// <param name="isLast">Whether nothing follows the history. A response at its end is then given again: what was approved once is not shown, so that the model decides again.</param>
    public static List<ChatMessage> Show(IReadOnlyList<ChatMessage> history, HashSet<string> answered, bool isLast)
    {
        var shown = new List<ChatMessage>(history.Count);
        for (var i = 0; i < history.Count; i++)
        {
            var message = history[i];
            shown.Add(message);
            var calls = new List<AIContent>();
            var results = new List<AIContent>();
            var requests = message.Contents.OfType<ToolApprovalRequestContent>().Where(request => !answered.Contains(request.RequestId)).ToList();
            var areDecided = requests.TrueForAll(request => FindResponse(request, history, i + 1) is not null);
            foreach (var request in requests)
            {
                if (request.ToolCall is not FunctionCallContent call || ResultOf(request, call, history, i + 1, areDecided, isLast) is not { } result)
                    continue;

                var id = IdIn(message, calls, call.CallId);
                calls.Add(new FunctionCallContent(id, call.Name, call.Arguments) { InformationalOnly = true, AdditionalProperties = call.AdditionalProperties });
                results.Add(new FunctionResultContent(id, result));
            }

            if (calls.Count == 0)
                continue;

            // Providers take nothing behind a call.
            message.Contents = [.. message.Contents.Where(content => content is not ToolApprovalRequestContent request || answered.Contains(request.RequestId)), .. calls];
            shown.Add(new ChatMessage(ChatRole.Tool, results));
        }

        return shown;
    }

    private static string? ResultOf(ToolApprovalRequestContent request, FunctionCallContent call, IReadOnlyList<ChatMessage> history, int next, bool areDecided, bool isLast)
    {
        if (FindResponse(request, history, next) is not var (response, index))
            return NotApproved;
        if (!areDecided)
            return response.Approved ? NotDecided : NotApproved;

        var isShown = (isLast && index + 1 == history.Count) || history.Skip(index + 1).TakeWhile(IsOfExchange).Any(message => message.Contents.OfType<FunctionCallContent>().Any(other => IsOf(call, other)));
        return isShown ? null : response.Approved ? Interrupted : NotApproved;
    }

    private static (ToolApprovalResponseContent Response, int Index)? FindResponse(ToolApprovalRequestContent request, IReadOnlyList<ChatMessage> history, int next)
    {
        for (var i = next; i < history.Count; i++)
        {
            if (history[i].Contents.OfType<ToolApprovalResponseContent>().FirstOrDefault(response => string.Equals(response.RequestId, request.RequestId, StringComparison.Ordinal)) is { } response)
                return (response, i);
        }

        return null;
    }

    // A call whose id was taken was made under another.
    private static bool IsOf(FunctionCallContent asked, FunctionCallContent made) =>
        string.Equals(made.CallId, asked.CallId, StringComparison.Ordinal) || made.CallId.StartsWith($"{asked.CallId}_", StringComparison.Ordinal);

    private static bool IsOfExchange(ChatMessage message) => message.Role != ChatRole.User || message.Contents.All(static content => content is InputResponseContent);

    // An id has to be unique within its message.
    private static string IdIn(ChatMessage message, List<AIContent> calls, string callId)
    {
        var taken = message.Contents.Concat(calls).OfType<FunctionCallContent>().Select(static other => other.CallId).ToHashSet(StringComparer.Ordinal);
        var id = callId;
        for (var number = 2; taken.Contains(id); number++)
            id = string.Create(CultureInfo.InvariantCulture, $"{callId}_{number}");
        return id;
    }
}
