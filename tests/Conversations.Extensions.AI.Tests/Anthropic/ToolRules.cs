using System.Text.Json;
using System.Text.RegularExpressions;

namespace Conversations.Extensions.AI.Tests;

/// <summary>The tools that a request defines (platform.claude.com/docs/en/agents-and-tools/tool-use/define-tools).</summary>
internal static partial class ToolRules
{
    private static readonly string[] Optional =
    [
        "type", "description", "cache_control", "strict", "defer_loading", "input_examples", "allowed_callers", "eager_input_streaming",
    ];

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,128}$", RegexOptions.None, 1000)]
    internal static partial Regex Names { get; }

    public static void Check(JsonElement body, Findings findings)
    {
        var tools = body.TryGetProperty("tools", out var given) ? findings.ItemsOf(given, "tools") : [];
        var names = new HashSet<string>(StringComparer.Ordinal);

        for (var index = 0; index < tools.Count; index++)
        {
            CheckTool(tools[index], $"tools.{index}", names, findings);
        }

        if (body.TryGetProperty("tool_choice", out var choice))
        {
            CheckChoice(choice, names, findings);
        }
    }

    private static void CheckTool(JsonElement tool, string path, HashSet<string> names, Findings findings)
    {
        // Tools that the provider runs have a type, and fields of their own.
        var isCustom = tool.ValueKind != JsonValueKind.Object || !tool.TryGetProperty("type", out var type) ||
            type.ValueKind != JsonValueKind.String || type.ValueEquals("custom");

        if (isCustom && !findings.IsObject(tool, path, ["name", "input_schema"], Optional))
        {
            return;
        }

        if (!findings.IsText(tool, path, "name"))
        {
            return;
        }

        var name = tool.GetProperty("name").GetString()!;

        if (!Names.IsMatch(name))
        {
            findings.Add("tool-name", $"{path}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'");
        }

        if (!names.Add(name))
        {
            findings.Add("tool-name-doubled", "tools: Tool names must be unique.");
        }

        if (isCustom && !IsSchema(tool.GetProperty("input_schema")))
        {
            findings.Add("tool-schema", $"{path}.custom.input_schema.type: Input should be 'object'");
        }
    }

    private static bool IsSchema(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type", out var type) &&
        type.ValueKind == JsonValueKind.String && type.ValueEquals("object");

    private static void CheckChoice(JsonElement choice, HashSet<string> names, Findings findings)
    {
        if (!findings.IsObject(choice, "tool_choice", ["type"], "name", "disable_parallel_tool_use") ||
            !findings.IsOneOf(choice, "tool_choice", "type", "auto", "any", "tool", "none"))
        {
            return;
        }

        if (names.Count == 0)
        {
            findings.Add("tool-choice", "tool_choice may only be specified while providing tools");
        }
        else if (choice.GetProperty("type").ValueEquals("tool") &&
            !(choice.TryGetProperty("name", out var name) && names.Contains(name.GetString() ?? "")))
        {
            findings.Add("tool-choice", "Tool 'tool_choice.name' not found in provided tools");
        }
    }
}
