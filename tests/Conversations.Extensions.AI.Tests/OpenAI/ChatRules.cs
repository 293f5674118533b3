using System.Text.Json;

namespace Conversations.Extensions.AI.Tests;

/// <summary>What a request for a chat completion has to obey (platform.openai.com/docs/api-reference/chat/create).</summary>
internal static class ChatRules
{
    private const int LongestCallId = 40;

    public static void Check(JsonElement body, Findings findings)
    {
        FunctionRules.CheckTools(body, tool => tool.GetProperty("function"), findings);
        var messages = body.TryGetProperty("messages", out var found) ? findings.ItemsOf(found, "messages") : [];
        if (messages.Count == 0)
        {
            findings.Add("messages-empty", "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.");
        }

        var open = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < messages.Count; index++)
        {
            var path = $"messages[{index}]";
            var role = messages[index].GetProperty("role").GetString();
            if (role == "tool")
            {
                CheckResult(messages[index], path, open, findings);

                continue;
            }

            CheckOpen(open, findings);
            CheckName(messages[index], path, findings);
            switch (role)
            {
                case "assistant":
                    CheckAssistant(messages[index], path, open, findings);
                    break;
                case "user" or "system" or "developer":
                    CheckContent(messages[index], path, role, findings);
                    break;
                default:
                    findings.Add("unknown-role", $"Invalid value: '{role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.");
                    break;
            }
        }

        CheckOpen(open, findings);
    }

    private static void CheckOpen(HashSet<string> open, Findings findings)
    {
        if (open.Count > 0)
        {
            findings.Add("call-unanswered", $"An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: {string.Join(", ", open)}");
        }

        open.Clear();
    }

    private static void CheckResult(JsonElement message, string path, HashSet<string> open, Findings findings)
    {
        if (!findings.IsText(message, path, "tool_call_id") || !open.Remove(message.GetProperty("tool_call_id").GetString()!))
        {
            findings.Add("result-orphaned", $"Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls' ({path}).");
        }

        if (!message.TryGetProperty("content", out var content) || content.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
        {
            findings.Add("content-empty", $"Missing required parameter: '{path}.content'.");
        }
    }

    private static void CheckAssistant(JsonElement message, string path, HashSet<string> open, Findings findings)
    {
        var hasCalls = message.TryGetProperty("tool_calls", out var calls) && calls.ValueKind != JsonValueKind.Null;
        if (hasCalls && calls.GetArrayLength() == 0)
        {
            findings.Add("calls-empty", $"Invalid '{path}.tool_calls': empty array. Expected an array with minimum length 1, but got an empty array instead.");
        }

        foreach (var call in hasCalls ? calls.EnumerateArray() : default)
        {
            var (id, function) = (call.GetProperty("id").GetString()!, call.GetProperty("function"));
            FunctionRules.CheckName(function, $"{path}.tool_calls", findings);
            if (!open.Add(id))
            {
                findings.Add("call-doubled", $"Duplicate value for 'id' of '{path}.tool_calls': {id}");
            }

            if (id.Length is 0 or > LongestCallId)
            {
                findings.Add("call-id", $"Invalid '{path}.tool_calls.id': expected a string of 1 to {LongestCallId} characters.");
            }

            if (!findings.IsText(function, $"{path}.tool_calls.function", "arguments"))
            {
                findings.Add("missing-field", $"Missing required parameter: '{path}.tool_calls.function.arguments'.");
            }
        }

        if (!hasCalls)
        {
            CheckContent(message, path, "assistant", findings);
        }
    }

    /// <summary>A message that is blank as a whole is refused here: not by this provider, but by several that speak its API.</summary>
    private static void CheckContent(JsonElement message, string path, string role, Findings findings)
    {
        if (!message.TryGetProperty("content", out var content) || content.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
        {
            findings.Add("content-empty", $"Invalid value for '{path}.content': expected a string, got null.");

            return;
        }

        if (content.ValueKind == JsonValueKind.String)
        {
            CheckText([content], path, findings);

            return;
        }

        if (content.GetArrayLength() == 0)
        {
            findings.Add("content-empty", $"Invalid '{path}.content': empty array. Expected an array with minimum length 1, but got an empty array instead.");
        }

        if (content.GetArrayLength() > 0 && content.EnumerateArray().All(part => part.GetProperty("type").ValueEquals("text")))
        {
            CheckText(content.EnumerateArray().Select(part => part.GetProperty("text")), path, findings);
        }

        foreach (var part in content.EnumerateArray())
        {
            switch (part.GetProperty("type").GetString())
            {
                case "text":
                    break;
                case "image_url" when role == "user":
                    Pictures.Check(part.GetProperty("image_url").GetProperty("url").GetString()!, path, findings);
                    break;
                case "file" or "input_audio" when role == "user":
                case "refusal" when role == "assistant":
                    break;
                case var type:
                    findings.Add("unknown-part", $"Invalid value: '{type}' in '{path}.content'.");
                    break;
            }
        }
    }

    private static void CheckText(IEnumerable<JsonElement> texts, string path, Findings findings)
    {
        if (texts.All(text => string.IsNullOrWhiteSpace(text.GetString())))
        {
            findings.Add("text-blank", $"Invalid '{path}.content': the text is empty.");
        }
    }

    private static void CheckName(JsonElement message, string path, Findings findings)
    {
        if (message.TryGetProperty("name", out var name) && name.ValueKind != JsonValueKind.Null && (name.GetString() is not { Length: > 0 and <= 64 } text || text.Any(character => char.IsWhiteSpace(character) || "<|\\/>".Contains(character))))
        {
            findings.Add("name", $"Invalid '{path}.name': string does not match pattern. Expected a string that matches the pattern '^[^\\s<|\\\\/>]+$'.");
        }
    }
}
