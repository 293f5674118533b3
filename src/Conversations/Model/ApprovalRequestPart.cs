using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>A question of the agent to people before it goes on: usually whether a tool may be called. It is open like a tool call, until an <see cref="ApprovalResponsePart"/> with its id answers it or another message follows.</summary>
/// <remarks>A request of a turn that failed, was cancelled or interrupted is not open, because the answer of which it is a part is incomplete.</remarks>
[JsonConverter(typeof(MessageJsonConverter))]
public sealed record ApprovalRequestPart : ContentPart
{
    /// <summary>Initializes a request.</summary>
    /// <param name="requestId">The id of the request. Make it unique: a response answers the open request with its id, whenever it was written.</param>
    /// <param name="json">What is asked, as a JSON object. Its maximum depth is 512.</param>
    /// <exception cref="ArgumentException"><paramref name="json"/> is not a JSON object.</exception>
    public ApprovalRequestPart(string requestId, string json)
    {
        RequestId = WellFormed.Content(requestId, nameof(requestId));
        Json = JsonObjectText.Of(json, nameof(json));
    }

    /// <summary>Gets the id of the request.</summary>
    public string RequestId { get; }

    /// <summary>Gets what is asked, as a JSON object.</summary>
    public string Json { get; }

    internal override MessageKind Kind => MessageKind.ToolCall;
}
