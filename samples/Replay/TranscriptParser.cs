using System.Text.Json;
using Conversations;

namespace Replay;

/// <summary>Reads one conversation. Errors name the place and quote no content.</summary>
internal static class TranscriptParser
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads a conversation from a line of UTF-8.</summary>
    /// <exception cref="FormatException">The line is no conversation; the message states where and why, without content.</exception>
    public static RecordedConversation Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, Strict);
            return Conversation(document.RootElement);
        }
        catch (JsonException exception)
        {
            var where = exception.BytePositionInLine is { } position ? $"at byte {position + 1}" : "a property occurs twice";
            throw new FormatException($"it is not well-formed JSON: {where}", exception);
        }
    }

    private static RecordedConversation Conversation(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new FormatException("it is not a JSON object");

        var id = Text(json, "id", "id");
        if (string.IsNullOrWhiteSpace(id) || id.Contains('\0', StringComparison.Ordinal))
            throw new FormatException("id is blank or holds a NUL");
        if (!json.TryGetProperty("messages", out var array) || array.ValueKind != JsonValueKind.Array || array.GetArrayLength() == 0)
            throw new FormatException("messages is not an array of at least one message");

        var messages = new List<RecordedMessage>();
        foreach (var element in array.EnumerateArray())
        {
            var place = $"messages[{messages.Count}]";
            var message = Message(element, place);
            if (message.Role == MessageRole.System && messages.Exists(earlier => earlier.IsUser))
                throw new FormatException($"{place} is a system message after a user message; an agent cannot say it");
            messages.Add(message);
        }

        return new RecordedConversation(id, messages);
    }

    private static RecordedMessage Message(JsonElement json, string place)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new FormatException($"{place} is not an object");

        var message = new RecordedMessage(Role(Text(json, "role", $"{place}.role"), place), OptionalText(json, "content", $"{place}.content"))
        {
            Calls = Calls(json, place),
            CallId = OptionalText(json, "tool_call_id", $"{place}.tool_call_id"),
            Name = OptionalText(json, "name", $"{place}.name"),
        };
        if (message is { Content: null, Calls.Count: 0 })
            throw new FormatException($"{place} has neither content nor tool_calls");
        if (message.Calls.Count > 0 && message.Role != MessageRole.Assistant)
            throw new FormatException($"{place} has tool_calls, but its role is not assistant");
        if (message.Role == MessageRole.Tool && message.CallId is null)
            throw new FormatException($"{place} is a tool's, but has no tool_call_id");
        if (message.Role != MessageRole.Tool && (message.CallId ?? message.Name) is not null)
            throw new FormatException($"{place} has a tool_call_id or a name, but its role is not tool");
        return message;
    }

    private static MessageRole Role(string role, string place) => role switch
    {
        "system" => MessageRole.System,
        "user" => MessageRole.User,
        "assistant" => MessageRole.Assistant,
        "tool" => MessageRole.Tool,
        _ => throw new FormatException($"{place}.role is none of system, user, assistant and tool"),
    };

    private static List<RecordedCall> Calls(JsonElement json, string place)
    {
        var calls = new List<RecordedCall>();
        if (!json.TryGetProperty("tool_calls", out var array) || array.ValueKind == JsonValueKind.Null)
            return calls;
        if (array.ValueKind != JsonValueKind.Array)
            throw new FormatException($"{place}.tool_calls is not an array");

        foreach (var call in array.EnumerateArray())
        {
            var at = $"{place}.tool_calls[{calls.Count}]";
            if (call.ValueKind != JsonValueKind.Object)
                throw new FormatException($"{at} is not an object");
            calls.Add(new RecordedCall(Text(call, "id", $"{at}.id"), Text(call, "name", $"{at}.name"), Text(call, "arguments", $"{at}.arguments")));
        }

        return calls;
    }

    private static string Text(JsonElement json, string property, string place) =>
        OptionalText(json, property, place) ?? throw new FormatException($"{place} is missing");

    private static string? OptionalText(JsonElement json, string property, string place)
    {
        if (!json.TryGetProperty(property, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind != JsonValueKind.String)
            throw new FormatException($"{place} is not text");

        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException exception)
        {
            throw new FormatException($"{place} is not well-formed Unicode", exception);
        }
    }
}
