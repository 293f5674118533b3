using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>A tool call of the model.</summary>
[JsonConverter(typeof(MessageJsonConverter))]
public sealed record ToolCallPart : ContentPart
{
    /// <summary>Initializes a tool call.</summary>
    /// <param name="callId">The provider's id of the call. It need not be unique within a conversation.</param>
    /// <param name="name">The name of the tool.</param>
    /// <param name="arguments">The arguments, as text, exactly as the model wrote them; usually JSON, not always valid.</param>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public ToolCallPart(string callId, string name, string arguments)
    {
        CallId = WellFormed.Content(callId, nameof(callId));
        Name = WellFormed.Content(name, nameof(name));
        Arguments = WellFormed.Content(arguments, nameof(arguments));
    }

    /// <summary>Gets the provider's id of the call. A call and a later result with the same id belong together.</summary>
    public string CallId { get; }

    /// <summary>Gets the name of the tool.</summary>
    public string Name { get; }

    /// <summary>Gets the arguments as the model wrote them.</summary>
    public string Arguments { get; }

    internal override MessageKind Kind => MessageKind.ToolCall;
}
