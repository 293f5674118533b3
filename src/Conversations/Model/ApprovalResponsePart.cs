using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>The answer of a person to an open <see cref="ApprovalRequestPart"/>. What was asked is in the stored request and nowhere else.</summary>
[JsonConverter(typeof(MessageJsonConverter))]
public sealed record ApprovalResponsePart : ContentPart
{
    /// <summary>Initializes a response.</summary>
    /// <param name="requestId">The id of the request.</param>
    /// <param name="json">The decision, as a JSON object. Its maximum depth is 512.</param>
    /// <exception cref="ArgumentException"><paramref name="json"/> is not a JSON object.</exception>
    public ApprovalResponsePart(string requestId, string json)
    {
        RequestId = WellFormed.Content(requestId, nameof(requestId));
        Json = JsonObjectText.Of(json, nameof(json));
    }

    /// <summary>Gets the id of the request.</summary>
    public string RequestId { get; }

    /// <summary>Gets the decision, as a JSON object.</summary>
    public string Json { get; }

    internal override MessageKind Kind => MessageKind.ToolResult;
}
