using System.Text.Json;

namespace Conversations.Extensions.AI.Tests;

/// <summary>The fields of the body beside the messages (platform.claude.com/docs/en/api/messages/create).</summary>
internal static class BodyRules
{
    private static readonly string[] Required = ["model", "max_tokens", "messages"];

    private static readonly string[] Optional =
    [
        "cache_control", "container", "inference_geo", "metadata", "output_config", "service_tier", "stop_sequences", "stream", "system",
        "thinking", "tool_choice", "tools",
    ];

    // Gone since API version 2026-10-21 (platform.claude.com/docs/en/api/migration-2026-10-21).
    private static readonly string[] Sampling = ["temperature", "top_k", "top_p"];

    public static void Check(JsonElement body, bool takesSampling, Findings findings)
    {
        if (!findings.IsObject(body, "", Required, takesSampling ? [.. Optional, .. Sampling] : Optional))
        {
            return;
        }

        if (findings.IsText(body, "", "model") && body.GetProperty("model").ValueEquals(""))
        {
            findings.Add("model-empty", "model: String should have at least 1 character");
        }

        CheckNumbers(body, findings);

        if (body.TryGetProperty("system", out var system))
        {
            CheckSystem(system, findings);
        }

        if (body.TryGetProperty("thinking", out var thinking))
        {
            CheckThinking(thinking, body.GetProperty("max_tokens"), findings);
        }

        ToolRules.Check(body, findings);
    }

    private static void CheckNumbers(JsonElement body, Findings findings)
    {
        var limit = body.GetProperty("max_tokens");

        if (limit.ValueKind != JsonValueKind.Number || !limit.TryGetInt64(out var tokens) || tokens < 1)
        {
            findings.Add("max-tokens", "max_tokens: Input should be greater than or equal to 1");
        }

        if (body.TryGetProperty("temperature", out var temperature) &&
            (temperature.ValueKind != JsonValueKind.Number || temperature.GetDouble() is < 0 or > 1))
        {
            findings.Add("temperature", "temperature: range: 0..1");
        }

        if (body.TryGetProperty("stream", out var stream) && stream.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            findings.Add("wrong-type", "stream: Input should be a valid boolean");
        }
    }

    private static void CheckSystem(JsonElement system, Findings findings)
    {
        if (system.ValueKind == JsonValueKind.String)
        {
            return;
        }

        foreach (var (block, index) in findings.ItemsOf(system, "system").Select((block, index) => (block, index)))
        {
            var path = $"system.{index}";

            if (findings.IsObject(block, path, ["type", "text"], "cache_control", "citations") &&
                findings.IsOneOf(block, path, "type", "text") &&
                findings.IsText(block, path, "text") &&
                string.IsNullOrWhiteSpace(block.GetProperty("text").GetString()))
            {
                findings.Add("system-empty", "system: text content blocks must be non-empty");
            }
        }
    }

    // platform.claude.com/docs/en/build-with-claude/extended-thinking
    private static void CheckThinking(JsonElement thinking, JsonElement limit, Findings findings)
    {
        if (!findings.IsObject(thinking, "thinking", ["type"], "budget_tokens", "display") ||
            !findings.IsOneOf(thinking, "thinking", "type", "enabled", "disabled", "adaptive") ||
            !thinking.GetProperty("type").ValueEquals("enabled"))
        {
            return;
        }

        if (!thinking.TryGetProperty("budget_tokens", out var budget) || !budget.TryGetInt64(out var tokens) || tokens < 1024)
        {
            findings.Add("thinking-budget", "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024");
        }
        else if (limit.TryGetInt64(out var most) && most <= tokens)
        {
            findings.Add("thinking-budget", "`max_tokens` must be greater than `thinking.budget_tokens`");
        }
    }
}
