namespace Conversations;

/// <summary>What a tool answered to a call.</summary>
public sealed record ToolResultPart : ContentPart
{
    private readonly string? _name;

    /// <summary>Makes a tool result.</summary>
    /// <param name="callId">The id of the call that is answered.</param>
    /// <param name="content">The answer, as text; may be empty.</param>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public ToolResultPart(string callId, string content)
    {
        CallId = WellFormed.Content(callId, nameof(callId));
        Content = WellFormed.Content(content, nameof(content));
    }

    /// <summary>The id of the call that is answered.</summary>
    public string CallId { get; }

    /// <summary>The answer, as text.</summary>
    public string Content { get; }

    /// <summary>The name of the tool, for providers that want it beside the result; <see langword="null"/> if not told.</summary>
    public string? Name
    {
        get => _name;
        init => _name = value is null ? null : WellFormed.Content(value, nameof(Name));
    }

    /// <summary>Whether the tool failed, <see cref="Content"/> being its error.</summary>
    public bool IsError { get; init; }

    internal override MessageKind Kind => MessageKind.ToolResult;
}
