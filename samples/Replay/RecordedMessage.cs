using Conversations;

namespace Replay;

/// <summary>A message as it was recorded: null and empty content are two things.</summary>
internal sealed record RecordedMessage(MessageRole Role, string? Content)
{
    public IReadOnlyList<RecordedCall> Calls { get; init; } = [];

    /// <summary>The call that a tool's message answers.</summary>
    public string? CallId { get; init; }

    /// <summary>The tool that a tool's message is from.</summary>
    public string? Name { get; init; }

    public bool IsUser => Role == MessageRole.User;

    /// <summary>The message as the library has it.</summary>
    public ConversationMessage ToMessage()
    {
        if (Role == MessageRole.Tool)
            return new ConversationMessage(Role, new ToolResultPart(CallId!, Content!) { Name = Name });

        var parts = new List<ContentPart>();
        if (Content is not null)
            parts.Add(new TextPart(Content));
        parts.AddRange(Calls.Select(call => new ToolCallPart(call.Id, call.Name, call.Arguments)));
        return new ConversationMessage(Role, parts);
    }
}

/// <summary>A tool call as it was recorded.</summary>
internal sealed record RecordedCall(string Id, string Name, string Arguments);
