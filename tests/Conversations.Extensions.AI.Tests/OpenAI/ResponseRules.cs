using System.Text.Json;

namespace Conversations.Extensions.AI.Tests;

/// <summary>What a request for a response has to obey (platform.openai.com/docs/api-reference/responses/create), on a server that keeps none.</summary>
internal static class ResponseRules
{
    public static void Check(JsonElement body, ReasoningRules reasoning, Findings findings)
    {
        FunctionRules.CheckTools(body, static tool => tool, findings);
        var model = body.GetProperty("model").GetString()!;
        if (body.TryGetProperty("previous_response_id", out var previous) && previous.ValueKind != JsonValueKind.Null)
        {
            findings.Add("previous-response", $"Previous response with id '{previous.GetString()}' not found.");
        }

        var items = body.TryGetProperty("input", out var input) ? findings.ItemsOf(input, "input") : [];
        if (items.Count == 0)
        {
            findings.Add("input-empty", "Missing required parameter: 'input'.");
        }

        var open = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < items.Count; index++)
        {
            var path = $"input[{index}]";
            switch (TypeOf(items[index]))
            {
                case "message":
                    CheckMessage(items[index], path, findings);
                    break;
                case "reasoning":
                    reasoning.Check(items[index], path, model, findings);
                    CheckFollower(items, index, findings);
                    break;
                case "function_call":
                    CheckCall(items[index], path, open, findings);
                    break;
                case "function_call_output":
                    CheckOutput(items[index], path, open, findings);
                    break;
                case var type:
                    findings.Add("unknown-item", $"Invalid value: '{type}' ({path}), or an item of a store that this is not.");
                    break;
            }
        }

        if (open.Count > 0)
        {
            findings.Add("call-unanswered", $"No tool output found for function call {string.Join(", ", open)}.");
        }
    }

    private static string TypeOf(JsonElement item) => item.TryGetProperty("type", out var type) ? type.GetString()! : "message";

    private static bool IsOfModel(JsonElement item) => TypeOf(item) is "reasoning" or "function_call" || (TypeOf(item) == "message" && item.GetProperty("role").ValueEquals("assistant"));

    // "of type 'reasoning' was provided without its required following item": github.com/openai/openai-agents-python/issues/1660.
    private static void CheckFollower(IReadOnlyList<JsonElement> items, int index, Findings findings)
    {
        if (index + 1 == items.Count || !IsOfModel(items[index + 1]))
        {
            findings.Add("reasoning-alone", $"Item of type 'reasoning' was provided without its required following item (input[{index}]).");
        }
    }

    private static void CheckCall(JsonElement call, string path, HashSet<string> open, Findings findings)
    {
        FunctionRules.CheckName(call, path, findings);
        findings.IsText(call, path, "arguments");
        if (!findings.IsText(call, path, "call_id") || !open.Add(call.GetProperty("call_id").GetString()!))
        {
            findings.Add("call-doubled", $"Duplicate or missing 'call_id' ({path}).");
        }
    }

    private static void CheckOutput(JsonElement output, string path, HashSet<string> open, Findings findings)
    {
        var id = findings.IsText(output, path, "call_id") ? output.GetProperty("call_id").GetString()! : "";
        if (!open.Remove(id))
        {
            findings.Add("output-orphaned", $"No tool call found for function call output with call_id {id} ({path}).");
        }

        if (!output.TryGetProperty("output", out var written) || written.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
        {
            findings.Add("missing-field", $"Missing required parameter: '{path}.output'.");
        }
    }

    private static void CheckMessage(JsonElement message, string path, Findings findings)
    {
        var role = message.GetProperty("role").GetString();
        if (role is not ("user" or "assistant" or "system" or "developer"))
        {
            findings.Add("unknown-role", $"Invalid value: '{role}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.");
        }

        var parts = findings.ItemsOf(message.GetProperty("content"), $"{path}.content");
        if (parts.Count == 0)
        {
            findings.Add("content-empty", $"Invalid '{path}.content': empty array. Expected an array with minimum length 1, but got an empty array instead.");
        }

        if (parts.Count > 0 && parts.All(part => part.TryGetProperty("text", out var text) && string.IsNullOrWhiteSpace(text.GetString())))
        {
            findings.Add("text-blank", $"Invalid '{path}.content': the text is empty.");
        }

        foreach (var part in parts)
        {
            switch (part.GetProperty("type").GetString())
            {
                case "input_text" when role != "assistant":
                case "output_text" when role == "assistant":
                    break;
                case "input_image" when role == "user" && part.TryGetProperty("image_url", out var url):
                    Pictures.Check(url.GetString()!, path, findings);
                    break;
                case "input_file" when role == "user":
                case "refusal" when role == "assistant":
                    break;
                case var type:
                    findings.Add("unknown-part", $"Invalid value: '{type}' in '{path}.content'.");
                    break;
            }
        }
    }
}
