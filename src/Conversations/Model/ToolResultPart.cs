using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>The result of a tool call.</summary>
[JsonConverter(typeof(MessageJsonConverter))]
public sealed record ToolResultPart : ContentPart
{
    private readonly string? _name;

    /// <summary>Initializes a tool result.</summary>
    /// <param name="callId">The id of the answered call.</param>
    /// <param name="content">The result as text; may be empty.</param>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public ToolResultPart(string callId, string content)
    {
        CallId = WellFormed.Content(callId, nameof(callId));
        Content = WellFormed.Content(content, nameof(content));
    }

    /// <summary>Gets the id of the answered call.</summary>
    public string CallId { get; }

    /// <summary>Gets the result as text.</summary>
    public string Content { get; }

    /// <summary>Gets the name of the tool, for providers that require it with the result; <see langword="null"/> if it is not known.</summary>
    public string? Name
    {
        get => _name;
        init => _name = value is null ? null : WellFormed.Content(value, nameof(Name));
    }

    /// <summary>Gets whether the tool failed. <see cref="Content"/> is then its error.</summary>
    public bool IsError { get; init; }

    internal override MessageKind Kind => MessageKind.ToolResult;
}
