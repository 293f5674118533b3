namespace Conversations;

/// <summary>A part of a message, as a model reads it that summarises.</summary>
/// <param name="Speaker">Who says it, in words of ours alone.</param>
/// <param name="Text">What is said.</param>
/// <param name="IsOfTool">Whether it is a call of a tool, or its result.</param>
internal sealed record SummaryEntry(string Speaker, string Text, bool IsOfTool = false)
{
    /// <summary>Reads messages. Reasoning and errors are nothing that was said.</summary>
    public static List<SummaryEntry> Of(IEnumerable<ConversationMessage> messages)
    {
        var entries = new List<SummaryEntry>();
        var tools = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var message in messages)
        {
            foreach (var part in message.Parts)
            {
                // Ids of calls may come again; it is the last one that is answered.
                if (part is ToolCallPart called)
                    tools[called.CallId] = called.Name;
                if (Of(message.Role, part, tools) is { } entry)
                    entries.Add(entry);
            }
        }

        return entries;
    }

    private static SummaryEntry? Of(MessageRole role, ContentPart part, Dictionary<string, string> tools) => part switch
    {
        TextPart text => string.IsNullOrWhiteSpace(text.Text) ? null : new SummaryEntry(SpeakerOf(role), text.Text),
        ToolCallPart call => new SummaryEntry("Assistant calls a tool:", $"{call.Name} {call.Arguments}", IsOfTool: true),
        ToolResultPart result => new SummaryEntry(result.IsError ? "Tool fails:" : "Tool returns:", $"{result.Name ?? tools.GetValueOrDefault(result.CallId)} {result.Content}".TrimStart(), IsOfTool: true),
        RawPart raw => new SummaryEntry(SpeakerOf(role), $"[{SummaryRawPart.KindOf(raw)}]"),
        _ => null,
    };

    private static string SpeakerOf(MessageRole role) => role switch
    {
        MessageRole.User => "User:",
        MessageRole.Assistant => "Assistant:",
        MessageRole.Tool => "Tool:",
        _ => "System:",
    };
}
