using System.Text.Json;
using System.Text.RegularExpressions;

namespace Conversations.Extensions.AI.Tests;

/// <summary>The functions that a request defines and names (platform.openai.com/docs/guides/function-calling).</summary>
internal static partial class FunctionRules
{
    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$", RegexOptions.None, 1000)]
    private static partial Regex Names { get; }

    public static void CheckName(JsonElement function, string path, Findings findings)
    {
        if (!findings.IsText(function, path, "name") || !Names.IsMatch(function.GetProperty("name").GetString()!))
        {
            findings.Add("function-name", $"Invalid '{path}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.");
        }
    }

    public static void CheckTools(JsonElement body, Func<JsonElement, JsonElement> functionOf, Findings findings)
    {
        if (body.TryGetProperty("tools", out var tools))
        {
            if (tools.GetArrayLength() == 0)
            {
                findings.Add("tools-empty", "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.");
            }

            foreach (var tool in tools.EnumerateArray().Where(tool => tool.GetProperty("type").ValueEquals("function")))
            {
                CheckName(functionOf(tool), "tools", findings);
            }
        }
        else if (body.TryGetProperty("tool_choice", out _) || body.TryGetProperty("parallel_tool_calls", out _))
        {
            findings.Add("tool-choice", "'tool_choice' is only allowed when 'tools' are specified.");
        }
    }
}
