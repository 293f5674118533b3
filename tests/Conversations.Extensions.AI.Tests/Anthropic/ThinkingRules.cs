using System.Collections.Concurrent;
using System.Text.Json;

namespace Conversations.Extensions.AI.Tests;

/// <summary>
/// Thinking comes back as it went out, to the model that it came from, or not at all; behind a call it must come back
/// (platform.claude.com/docs/en/build-with-claude/extended-thinking; the words are those of github.com/anthropics/claude-code/issues/63284 and
/// github.com/tailcallhq/forgecode/issues/2107). Thread-safe.
/// </summary>
internal sealed class ThinkingRules
{
    private readonly ConcurrentDictionary<string, (string Thinking, string Model)> _thinkingBySignature = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _redacted = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string CallId, string Model), IReadOnlyList<string>> _issuedBesideCall = [];

    /// <summary>Remembers what an answer of a model thinks.</summary>
    public void Issue(AnthropicReply reply, string model)
    {
        foreach (var thinking in reply.Blocks.OfType<ThinkingReply>())
        {
            _thinkingBySignature[thinking.Signature!] = (thinking.Thinking, model);
        }

        foreach (var redacted in reply.Blocks.OfType<RedactedThinkingReply>())
        {
            _redacted[redacted.Data] = model;
        }

        var issued = reply.Blocks.Select(block => block switch
        {
            ThinkingReply thinking => thinking.Signature,
            RedactedThinkingReply redacted => redacted.Data,
            _ => null,
        }).OfType<string>().ToList();

        foreach (var call in reply.Blocks.OfType<ToolUseReply>().Where(_ => issued.Count > 0))
        {
            _issuedBesideCall[(call.Id!, model)] = issued;
        }
    }

    public void Check(IReadOnlyList<Turn> turns, JsonElement body, Findings findings)
    {
        if (!body.TryGetProperty("model", out var named) || named.GetString() is not { } model)
        {
            return; // That is a violation by itself.
        }

        foreach (var turn in turns.Where(turn => turn.Role == "assistant"))
        {
            foreach (var block in turn.Blocks)
            {
                CheckBlock(block, model, findings);
            }

            if (turn.Blocks[^1].Type is "thinking" or "redacted_thinking")
            {
                findings.Add("thinking-last", $"messages.{turn.First}: The final block in an assistant message cannot be `thinking`.");
            }
        }

        if (turns.LastOrDefault(turn => turn.Role == "assistant") is { } latest)
        {
            CheckLatest(latest, model, body, findings);
        }
    }

    private void CheckBlock(Block block, string model, Findings findings)
    {
        if (block.Type == "thinking" &&
            !(_thinkingBySignature.TryGetValue(block.Id("signature"), out var issued) && issued == (block.Id("thinking"), model)))
        {
            findings.Add("thinking-signature", $"{block.Path}: Invalid `signature` in `thinking` block");
        }

        if (block.Type == "redacted_thinking" && !(_redacted.TryGetValue(block.Id("data"), out var writer) && writer == model))
        {
            findings.Add("thinking-signature", $"{block.Path}: Invalid `data` in `redacted_thinking` block");
        }
    }

    private void CheckLatest(Turn latest, string model, JsonElement body, Findings findings)
    {
        var returned = latest.Blocks.Where(block => block.Type is "thinking" or "redacted_thinking")
            .Select(block => block.Id(block.Type == "thinking" ? "signature" : "data"))
            .ToList();
        var calls = latest.Blocks.Where(block => block.Type == "tool_use").ToList();

        if (calls.Any(call => _issuedBesideCall.TryGetValue((call.Id("id"), model), out var issued) && !issued.SequenceEqual(returned)))
        {
            findings.Add(
                "thinking-modified",
                $"{latest.Blocks[0].Path}: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. " +
                "These blocks must remain as they were in the original response.");
        }
        else if (calls.Count > 0 && latest.Blocks[0].Type is not ("thinking" or "redacted_thinking") && IsEnabled(body))
        {
            findings.Add(
                "thinking-expected",
                $"{latest.Blocks[0].Path}.type: Expected `thinking` or `redacted_thinking`, but found `{latest.Blocks[0].Type}`. " +
                "When `thinking` is enabled, a final `assistant` message must start with a thinking block.");
        }
    }

    private static bool IsEnabled(JsonElement body) =>
        body.TryGetProperty("thinking", out var thinking) && BlockRules.TypeOf(thinking) == "enabled";
}
