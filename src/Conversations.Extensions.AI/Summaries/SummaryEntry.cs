namespace Conversations;

/// <summary>A part of a message as the summarizing model reads it.</summary>
/// <param name="Speaker">The label of the speaker, which contains no quoted text.</param>
/// <param name="Text">The text to quote.</param>
/// <param name="IsOfTool">Whether it is a tool call or a tool result.</param>
internal sealed record SummaryEntry(string Speaker, string Text, bool IsOfTool = false)
{
    /// <summary>Converts messages to entries. Reasoning and errors are omitted. Names of users are quoted, because users choose them.</summary>
    public static List<SummaryEntry> Of(IEnumerable<ConversationMessage> messages)
    {
        var entries = new List<SummaryEntry>();
        var tools = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var message in messages)
        {
            foreach (var part in message.Parts)
            {
                // Call ids can repeat; a result answers the last call with its id.
                if (part is ToolCallPart called)
                    tools[called.CallId] = called.Name;
                if (Of(message.Role, part, tools) is { } entry)
                    entries.Add(message.Role == MessageRole.User ? entry with { Text = ChatAuthors.InText(message.AuthorName, entry.Text) } : entry);
            }
        }

        return entries;
    }

    private static SummaryEntry? Of(MessageRole role, ContentPart part, Dictionary<string, string> tools) => part switch
    {
        TextPart text => string.IsNullOrWhiteSpace(text.Text) ? null : new SummaryEntry(SpeakerOf(role), text.Text),
        ToolCallPart call => new SummaryEntry("Assistant calls a tool:", $"{call.Name} {call.Arguments}", IsOfTool: true),
        ToolResultPart result => new SummaryEntry(result.IsError ? "Tool fails:" : "Tool returns:", $"{result.Name ?? tools.GetValueOrDefault(result.CallId)} {result.Content}".TrimStart(), IsOfTool: true),
        DataPart data => new SummaryEntry(SpeakerOf(role), $"[{data.MediaType}]"),
        RawPart or ApprovalRequestPart or ApprovalResponsePart => new SummaryEntry(SpeakerOf(role), $"[{SummaryRawPart.KindOf(part)}]"),
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
