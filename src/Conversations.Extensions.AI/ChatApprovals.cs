using System.Globalization;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The approvals of a turn, as they go to the inner client: the stored requests, with the decisions of the responses. Nothing else of a response counts.</summary>
internal static class ChatApprovals
{
    // What follows is the id of the run and a number.
    private const string Mark = "@run_";

    /// <summary>Returns a request with an id that no other request has. Clients derive it from the id of the call, which providers use again.</summary>
    public static ToolApprovalRequestContent WithOwnId(ToolApprovalRequestContent request, string runId, int number) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{request.RequestId}@{runId}.{number}"), request.ToolCall)
        {
            RequiresConfirmation = request.RequiresConfirmation,
            Annotations = request.Annotations,
            AdditionalProperties = request.AdditionalProperties,
            RawRepresentation = request.RawRepresentation,
        };

    /// <summary>Returns a response with its decision alone.</summary>
    public static ToolApprovalResponseContent Decision(ToolApprovalResponseContent response) => new(response.RequestId, response.Approved, new ToolCallContent(response.RequestId))
    {
        Reason = response.Reason,
    };

    /// <summary>Replaces the requests of a history that the turn answers by those for the inner client, and removes all others and all responses: a client that invokes functions would wait for them, or invoke a function again.</summary>
    /// <param name="history">The history, whose messages are changed.</param>
    /// <param name="approvals">The approvals, in the order of their requests. All have responses.</param>
    /// <param name="taken">The ids of calls that the prompt contains; those of approved calls are added.</param>
    /// <param name="responseOf">Reads a response.</param>
    /// <returns>The responses for the inner client.</returns>
    public static IReadOnlyList<AIContent> Show(
        IReadOnlyList<ChatMessage> history, IReadOnlyList<TurnApproval> approvals, HashSet<string> taken, Func<ApprovalResponsePart, AIContent> responseOf)
    {
        var places = new List<(ChatMessage Message, int Index)>();
        var left = approvals.Count;
        for (var i = history.Count - 1; i >= 0; i--)
        {
            for (var j = history[i].Contents.Count - 1; j >= 0; j--)
            {
                if (history[i].Contents[j] is InputRequestContent request && left > 0 && string.Equals(request.RequestId, approvals[left - 1].Request.RequestId, StringComparison.Ordinal))
                {
                    places.Insert(0, (history[i], j));
                    left--;
                }
                else if (history[i].Contents[j] is InputRequestContent or InputResponseContent)
                {
                    history[i].Contents.RemoveAt(j);
                    places = places.ConvertAll(place => ReferenceEquals(place.Message, history[i]) ? (place.Message, place.Index - 1) : place);
                }
            }
        }

        // The requests of a host's client, or of a damaged message, cannot be shown.
        if (left > 0)
            throw new ToolCallNotOpenException();

        var ids = new HashSet<string>(StringComparer.Ordinal);
        var responses = new List<AIContent>();
        for (var i = 0; i < places.Count; i++)
        {
            var ((message, index), response) = (places[i], responseOf(approvals[i].Response!));
            if (message.Contents[index] is not ToolApprovalRequestContent request)
            {
                responses.Add(response);
                continue;
            }

            var shown = ForInner(request, ids, taken);
            message.Contents[index] = shown;
            responses.Add(shown.CreateResponse(response is ToolApprovalResponseContent { Approved: true }, (response as ToolApprovalResponseContent)?.Reason));
        }

        return responses;
    }

    private static ToolApprovalRequestContent ForInner(ToolApprovalRequestContent request, HashSet<string> ids, HashSet<string> taken)
    {
        var mark = request.RequestId.LastIndexOf(Mark, StringComparison.Ordinal);
        var original = mark > 0 ? request.RequestId[..mark] : request.RequestId;
        return new ToolApprovalRequestContent(ids.Add(original) ? original : request.RequestId, WithFreeId(request.ToolCall, taken)) { RequiresConfirmation = request.RequiresConfirmation };
    }

    /// <summary>Returns a call whose id the prompt does not contain. A client that invokes functions does not invoke a call if there is a result with its id.</summary>
    private static ToolCallContent WithFreeId(ToolCallContent call, HashSet<string> taken)
    {
        if (call is not FunctionCallContent function || taken.Add(function.CallId) || function.GetType() != typeof(FunctionCallContent))
            return call;

        var number = 2;
        while (!taken.Add(Numbered(function.CallId, number)))
            number++;
        return new FunctionCallContent(Numbered(function.CallId, number), function.Name, function.Arguments)
        {
            InformationalOnly = function.InformationalOnly,
            Exception = function.Exception,
            Annotations = function.Annotations,
            AdditionalProperties = function.AdditionalProperties,
        };
    }

    private static string Numbered(string callId, int number) => string.Create(CultureInfo.InvariantCulture, $"{callId}_{number}");
}
