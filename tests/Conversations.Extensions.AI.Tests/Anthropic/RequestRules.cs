using System.Text.Json;

namespace Conversations.Extensions.AI.Tests;

/// <summary>All that a request has to obey, from its headers to its last block.</summary>
internal static class RequestRules
{
    // platform.claude.com/docs/en/api/versioning
    private const string OldVersion = "2023-06-01";
    private const string NewVersion = "2026-10-21";

    private const int MostMarks = 4;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>What is wrong with the headers and with the body as JSON, and the body if it is.</summary>
    public static JsonElement Read(string path, IReadOnlyDictionary<string, string> headers, string text, Findings findings)
    {
        if (path != "/v1/messages")
        {
            findings.Add("not-found", "Not found");
        }

        // The clients send the key as a bearer token since API version 2026-10-21.
        if (headers.GetValueOrDefault("x-api-key") is null or "" &&
            headers.GetValueOrDefault("authorization")?.StartsWith("Bearer ", StringComparison.Ordinal) != true)
        {
            findings.Add("api-key", "x-api-key header is required");
        }

        if (headers.GetValueOrDefault("anthropic-version") is not (OldVersion or NewVersion))
        {
            findings.Add("version", "anthropic-version: header is required");
        }

        if (headers.GetValueOrDefault("content-type")?.StartsWith("application/json", StringComparison.Ordinal) != true)
        {
            findings.Add("content-type", "content-type: must be application/json");
        }

        try
        {
            using var document = JsonDocument.Parse(text, Strict);
            var body = document.RootElement.Clone();
            ReadTexts(body);

            return body;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            findings.Add("not-json", "The request body is not valid JSON");

            return default;
        }
    }

    public static void Check(
        JsonElement body, IReadOnlyDictionary<string, string> headers, AnthropicRules rules, ThinkingRules thinking, Findings findings)
    {
        CheckCaching(body, findings);
        BodyRules.Check(body, takesSampling: headers["anthropic-version"] == OldVersion, findings);

        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("messages", out var messages))
        {
            return;
        }

        var shapes = new Findings();
        MessageRules.CheckShapes(messages, rules, shapes);

        foreach (var violation in shapes.Violations)
        {
            findings.Add(violation.Rule, violation.Message);
        }

        if (shapes.Violations.Count == 0)
        {
            var turns = MessageRules.CheckOrder(messages, rules, findings);
            var definesTools = body.TryGetProperty("tools", out var tools) && tools.ValueKind == JsonValueKind.Array && tools.GetArrayLength() > 0;
            ToolUseRules.Check(turns, definesTools, rules, findings);
            thinking.Check(turns, body, findings);
        }
    }

    // platform.claude.com/docs/en/build-with-claude/prompt-caching
    private static void CheckCaching(JsonElement body, Findings findings)
    {
        if (CountMarks(body) is var marks and > MostMarks)
        {
            findings.Add("cache-control", $"A maximum of {MostMarks} blocks with cache_control may be provided. Found {marks}.");
        }

        static int CountMarks(JsonElement element) => element.ValueKind switch
        {
            JsonValueKind.Array => element.EnumerateArray().Sum(CountMarks),
            JsonValueKind.Object => element.EnumerateObject().Sum(property => property.NameEquals("cache_control") && property.Value.ValueKind == JsonValueKind.Object ? 1 : CountMarks(property.Value)),
            _ => 0,
        };
    }

    // "no low surrogate in string" (github.com/anthropics/claude-code/issues/6376): half a character is found only when it is read.
    private static void ReadTexts(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    ReadTexts(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    _ = property.Name;
                    ReadTexts(property.Value);
                }

                break;
        }
    }
}
