using System.Text.Json;

namespace Conversations.Extensions.AI.Tests;

/// <summary>The shape of the content blocks that a request holds (platform.claude.com/docs/en/api/messages/create).</summary>
internal static class BlockRules
{
    private const string IdPattern = "^[a-zA-Z0-9_-]+$";

    /// <summary>A block of a message of this role. What the provider's own tools leave behind is not known here.</summary>
    public static void Check(JsonElement block, string path, string role, Findings findings)
    {
        switch (TypeOf(block))
        {
            case "text":
                CheckText(block, path, findings);
                CheckCitations(block, path, role, findings);
                break;
            case "image" when Belongs("image", "user", role, path, findings):
                CheckImage(block, path, findings);
                break;
            case "document" when Belongs("document", "user", role, path, findings):
                CheckDocument(block, path, findings);
                break;
            case "thinking" when Belongs("thinking", "assistant", role, path, findings):
                if (findings.IsObject(block, path, ["type", "thinking", "signature"]))
                {
                    _ = findings.IsText(block, path, "thinking") & findings.IsText(block, path, "signature");
                }

                break;
            case "redacted_thinking" when Belongs("redacted_thinking", "assistant", role, path, findings):
                _ = findings.IsObject(block, path, ["type", "data"]) && findings.IsText(block, path, "data");
                break;
            case "tool_use" when Belongs("tool_use", "assistant", role, path, findings):
                CheckToolUse(block, path, findings);
                break;
            case "tool_result" when Belongs("tool_result", "user", role, path, findings):
                CheckToolResult(block, path, findings);
                break;
            case "image" or "document" or "thinking" or "redacted_thinking" or "tool_use" or "tool_result":
                break;
            default:
                findings.Add("unknown-block", $"{path}: Input tag '{TypeOf(block)}' found using 'type' does not match any of the expected tags");
                break;
        }
    }

    public static string TypeOf(JsonElement block) =>
        block.ValueKind == JsonValueKind.Object && block.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            ? type.GetString()!
            : "";

    private static bool Belongs(string type, string owner, string role, string path, Findings findings)
    {
        if (role == owner)
        {
            return true;
        }

        findings.Add("wrong-role", $"{path}: `{type}` blocks can only be in `{owner}` messages");

        return false;
    }

    // "text content blocks must be non-empty", "must contain non-whitespace text": github.com/anthropics/claude-code/issues/23440, 59812.
    private static void CheckText(JsonElement block, string path, Findings findings, bool mayBeBlank = false)
    {
        if (!findings.IsObject(block, path, ["type", "text"], "cache_control", "citations") || !findings.IsText(block, path, "text"))
        {
            return;
        }

        var text = block.GetProperty("text").GetString()!;

        if (text.Length == 0)
        {
            findings.Add("text-empty", "messages: text content blocks must be non-empty");
        }
        else if (!mayBeBlank && string.IsNullOrWhiteSpace(text))
        {
            findings.Add("text-blank", "messages: text content blocks must contain non-whitespace text");
        }
    }

    // platform.claude.com/docs/en/api/migration-2026-10-21
    private static void CheckCitations(JsonElement block, string path, string role, Findings findings)
    {
        if (role == "user" && block.TryGetProperty("citations", out var citations) &&
            citations.ValueKind == JsonValueKind.Array && citations.GetArrayLength() > 0)
        {
            findings.Add("wrong-role", $"{path}.citations: citations can only be in `assistant` messages");
        }
    }

    private static void CheckImage(JsonElement block, string path, Findings findings)
    {
        if (!findings.IsObject(block, path, ["type", "source"], "cache_control"))
        {
            return;
        }

        var source = block.GetProperty("source");
        path += ".source";

        switch (TypeOf(source))
        {
            case "base64" when findings.IsObject(source, path, ["type", "media_type", "data"]):
                findings.IsOneOf(source, path, "media_type", "image/jpeg", "image/png", "image/gif", "image/webp");
                CheckBase64(source, path, findings);
                break;
            case "url" when findings.IsObject(source, path, ["type", "url"]):
                findings.IsText(source, path, "url");
                break;
            case "file" when findings.IsObject(source, path, ["type", "file_id"]):
                findings.IsText(source, path, "file_id");
                break;
            case not ("base64" or "url" or "file"):
                findings.Add("unknown-source", $"{path}: Input tag '{TypeOf(source)}' does not match any of the expected tags");
                break;
        }
    }

    private static void CheckDocument(JsonElement block, string path, Findings findings)
    {
        if (!findings.IsObject(block, path, ["type", "source"], "cache_control", "citations", "context", "title"))
        {
            return;
        }

        var source = block.GetProperty("source");
        path += ".source";

        switch (TypeOf(source))
        {
            case "base64" when findings.IsObject(source, path, ["type", "media_type", "data"]):
                findings.IsOneOf(source, path, "media_type", "application/pdf");
                CheckBase64(source, path, findings);
                break;
            case "text" when findings.IsObject(source, path, ["type", "media_type", "data"]):
                findings.IsOneOf(source, path, "media_type", "text/plain");
                findings.IsText(source, path, "data");
                break;
            case "url" when findings.IsObject(source, path, ["type", "url"]):
                findings.IsText(source, path, "url");
                break;
            case "file" when findings.IsObject(source, path, ["type", "file_id"]):
                findings.IsText(source, path, "file_id");
                break;
            case not ("base64" or "text" or "url" or "file"):
                findings.Add("unknown-source", $"{path}: Input tag '{TypeOf(source)}' does not match any of the expected tags");
                break;
        }
    }

    private static void CheckBase64(JsonElement source, string path, Findings findings)
    {
        if (findings.IsText(source, path, "data") && !source.GetProperty("data").TryGetBytesFromBase64(out _))
        {
            findings.Add("base64", $"{path}.data: invalid base64 data");
        }
    }

    private static void CheckToolUse(JsonElement block, string path, Findings findings)
    {
        if (!findings.IsObject(block, path, ["type", "id", "name", "input"], "cache_control", "caller", "toolset_name"))
        {
            return;
        }

        CheckId(block, path, "id", findings);

        if (findings.IsText(block, path, "name") && !ToolRules.Names.IsMatch(block.GetProperty("name").GetString()!))
        {
            findings.Add("tool-name", $"{path}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'");
        }

        if (block.GetProperty("input").ValueKind != JsonValueKind.Object)
        {
            findings.Add("tool-input", $"{path}.input: Input should be an object");
        }
    }

    // platform.claude.com/docs/en/agents-and-tools/tool-use/handle-tool-calls
    private static void CheckToolResult(JsonElement block, string path, Findings findings)
    {
        if (!findings.IsObject(block, path, ["type", "tool_use_id"], "content", "is_error", "cache_control", "toolset_name"))
        {
            return;
        }

        CheckId(block, path, "tool_use_id", findings);

        var hasContent = block.TryGetProperty("content", out var content) && content.ValueKind != JsonValueKind.Null;
        var isEmpty = !hasContent || (content.ValueKind == JsonValueKind.String && content.ValueEquals("")) ||
            (content.ValueKind == JsonValueKind.Array && content.GetArrayLength() == 0);

        if (isEmpty && block.TryGetProperty("is_error", out var isError) && isError.ValueKind == JsonValueKind.True)
        {
            findings.Add("tool-error-empty", $"{path}: content cannot be empty if `is_error` is true");
        }

        if (hasContent && content.ValueKind != JsonValueKind.String)
        {
            foreach (var (inner, index) in findings.ItemsOf(content, $"{path}.content").Select((inner, index) => (inner, index)))
            {
                CheckInner(inner, $"{path}.content.{index}", findings);
            }
        }
    }

    private static void CheckInner(JsonElement block, string path, Findings findings)
    {
        switch (TypeOf(block))
        {
            case "text":
                CheckText(block, path, findings, mayBeBlank: true);
                break;
            case "image":
                CheckImage(block, path, findings);
                break;
            case "document":
                CheckDocument(block, path, findings);
                break;
            default:
                findings.Add("unknown-block", $"{path}: Input tag '{TypeOf(block)}' does not match any of the expected tags");
                break;
        }
    }

    // "String should match pattern": github.com/HKUDS/nanobot/pull/4356.
    private static void CheckId(JsonElement block, string path, string name, Findings findings)
    {
        if (findings.IsText(block, path, name) && !IsId(block.GetProperty(name).GetString()!))
        {
            findings.Add("tool-use-id", $"{path}.{name}: String should match pattern '{IdPattern}'");
        }
    }

    private static bool IsId(string id) => id.Length > 0 && id.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-');
}
