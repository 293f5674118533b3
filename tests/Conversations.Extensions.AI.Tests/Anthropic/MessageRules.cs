using System.Text.Json;

namespace Conversations.Extensions.AI.Tests;

/// <summary>The messages of a request: their shape, and who speaks when.</summary>
internal static class MessageRules
{
    /// <summary>Checks the messages one by one. Their order makes sense only if nothing is found here.</summary>
    public static void CheckShapes(JsonElement messages, AnthropicRules rules, Findings findings)
    {
        var items = findings.ItemsOf(messages, "messages");

        if (items.Count == 0 && messages.ValueKind == JsonValueKind.Array)
        {
            findings.Add("messages-empty", "messages: at least one message is required");
        }

        for (var index = 0; index < items.Count; index++)
        {
            var path = $"messages.{index}";

            if (findings.IsObject(items[index], path, ["role", "content"]) && HasRole(items[index], path, rules, findings))
            {
                CheckContent(items[index].GetProperty("content"), path, items[index].GetProperty("role").GetString()!, findings);
            }
        }
    }

    /// <summary>The turns: messages that follow one another in one role are one turn. Who may speak when is checked on the way.</summary>
    public static IReadOnlyList<Turn> CheckOrder(JsonElement messages, AnthropicRules rules, Findings findings)
    {
        var turns = new List<Turn>();
        var index = 0;

        foreach (var message in messages.EnumerateArray())
        {
            var role = message.GetProperty("role").GetString()!;
            var blocks = BlocksOf(message.GetProperty("content"), $"messages.{index}");

            if (turns.Count > 0 && turns[^1].Role == role)
            {
                if (!rules.JoinsConsecutiveMessages)
                {
                    // github.com/vercel/ai/issues/2047
                    findings.Add(
                        "roles-alternate",
                        $"messages: roles must alternate between \"user\" and \"assistant\", but found multiple \"{role}\" roles in a row");
                }

                turns[^1] = turns[^1] with { Blocks = [.. turns[^1].Blocks, .. blocks] };
            }
            else
            {
                turns.Add(new(index, role, blocks));
            }

            index++;
        }

        if (turns[0].Role != "user")
        {
            findings.Add("first-role", "messages: first message must use the \"user\" role");
        }

        CheckSystemTurns(turns, findings);
        CheckLast(turns[^1], rules, findings);

        return turns;
    }

    private static bool HasRole(JsonElement message, string path, AnthropicRules rules, Findings findings)
    {
        if (!findings.IsText(message, path, "role"))
        {
            return false;
        }

        var role = message.GetProperty("role").GetString();

        if (role is "user" or "assistant" || (role == "system" && rules.TakesSystemMessages))
        {
            return true;
        }

        findings.Add(
            "unknown-role",
            $"messages: Unexpected role \"{role}\". The Messages API accepts a top-level `system` parameter, not \"system\" as an input message role.");

        return false;
    }

    private static void CheckContent(JsonElement content, string path, string role, Findings findings)
    {
        // github.com/anthropics/claude-code/issues/3196. That the last message of the assistant may be empty is of no use to anyone.
        const string Empty = "all messages must have non-empty content except for the optional final assistant message";

        if (content.ValueKind == JsonValueKind.String)
        {
            if (string.IsNullOrWhiteSpace(content.GetString()))
            {
                findings.Add(content.ValueEquals("") ? "content-empty" : "text-blank", $"{path}: {Empty}");
            }

            return;
        }

        var blocks = findings.ItemsOf(content, $"{path}.content");

        if (blocks.Count == 0)
        {
            findings.Add("content-empty", $"{path}: {Empty}");
        }

        for (var index = 0; index < blocks.Count; index++)
        {
            BlockRules.Check(blocks[index], $"{path}.content.{index}", role, findings);
        }
    }

    private static IReadOnlyList<Block> BlocksOf(JsonElement content, string path) =>
        content.ValueKind == JsonValueKind.Array
            ? [.. content.EnumerateArray().Select((block, index) => new Block($"{path}.content.{index}", BlockRules.TypeOf(block), block))]
            : [new(path, "text", JsonSerializer.SerializeToElement(new { type = "text", text = content.GetString() }))];

    // platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages
    private static void CheckSystemTurns(List<Turn> turns, Findings findings)
    {
        for (var index = 1; index < turns.Count; index++)
        {
            if (turns[index].Role == "system" &&
                (turns[index - 1].Role != "user" || (index + 1 < turns.Count && turns[index + 1].Role != "assistant")))
            {
                findings.Add("system-misplaced", $"messages.{turns[index].First}: role 'system' must follow a user turn and precede an assistant turn");
            }
        }
    }

    private static void CheckLast(Turn last, AnthropicRules rules, Findings findings)
    {
        if (last.Role != "assistant")
        {
            return;
        }

        if (!rules.ContinuesAssistantMessages)
        {
            findings.Add("last-role", "This model does not support assistant message prefill. The conversation must end with a user message.");
        }
        else if (last.Blocks[^1] is { Type: "text" } block && char.IsWhiteSpace(block.Element.GetProperty("text").GetString()![^1]))
        {
            findings.Add("last-whitespace", "messages: final assistant content cannot end with trailing whitespace");
        }
    }
}

/// <summary>Messages of one role that follow one another.</summary>
/// <param name="First">The position of the first of them.</param>
/// <param name="Role">Who speaks.</param>
/// <param name="Blocks">All content.</param>
internal sealed record Turn(int First, string Role, IReadOnlyList<Block> Blocks);

/// <summary>A content block and its place.</summary>
internal sealed record Block(string Path, string Type, JsonElement Element)
{
    public string Id(string name) => Element.GetProperty(name).GetString()!;
}
