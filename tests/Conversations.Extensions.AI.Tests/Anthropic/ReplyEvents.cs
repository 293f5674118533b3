using System.Text.Json.Nodes;

namespace Conversations.Extensions.AI.Tests;

/// <summary>An answer as the API writes it: whole, or as events (platform.claude.com/docs/en/build-with-claude/streaming).</summary>
internal static class ReplyEvents
{
    public static JsonObject Message(AnthropicReply reply, string id, string model) => new()
    {
        ["id"] = id,
        ["type"] = "message",
        ["role"] = "assistant",
        ["model"] = reply.Model ?? model,
        ["content"] = new JsonArray([.. reply.Blocks.Select(block => block.ToJson())]),
        ["stop_reason"] = reply.EffectiveStopReason,
        ["stop_sequence"] = null,
        ["usage"] = Usage(reply.Usage),
    };

    public static JsonObject Error(string type, string message, string? requestId = null)
    {
        var error = new JsonObject { ["type"] = "error", ["error"] = new JsonObject { ["type"] = type, ["message"] = message } };

        if (requestId is not null)
        {
            error["request_id"] = requestId;
        }

        return error;
    }

    public static IEnumerable<JsonObject> Stream(AnthropicReply reply, string id, string model)
    {
        var start = Message(reply, id, model);
        start["content"] = new JsonArray();
        start["stop_reason"] = null;
        start["usage"]!["output_tokens"] = 1;

        yield return new() { ["type"] = "message_start", ["message"] = start };
        yield return new() { ["type"] = "ping" };

        for (var index = 0; index < reply.Blocks.Count; index++)
        {
            yield return new() { ["type"] = "content_block_start", ["index"] = index, ["content_block"] = reply.Blocks[index].ToStart() };

            foreach (var delta in reply.Blocks[index].ToDeltas(reply.PieceLength))
            {
                yield return new() { ["type"] = "content_block_delta", ["index"] = index, ["delta"] = delta };
            }

            yield return new() { ["type"] = "content_block_stop", ["index"] = index };
        }

        var usage = reply.UsageAtTheEnd?.DeepClone().AsObject() ?? [];
        usage["output_tokens"] = reply.Usage.Output;

        yield return new()
        {
            ["type"] = "message_delta",
            ["delta"] = new JsonObject { ["stop_reason"] = reply.EffectiveStopReason, ["stop_sequence"] = null },
            ["usage"] = usage,
        };
        yield return new() { ["type"] = "message_stop" };
    }

    private static JsonObject Usage(ReplyUsage usage) => new()
    {
        ["input_tokens"] = usage.Input,
        ["cache_creation_input_tokens"] = usage.CacheCreation,
        ["cache_read_input_tokens"] = usage.CacheRead,
        ["output_tokens"] = usage.Output,
        ["service_tier"] = "standard",
    };
}
