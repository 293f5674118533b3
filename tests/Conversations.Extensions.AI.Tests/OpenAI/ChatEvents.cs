using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Conversations.Extensions.AI.Tests;

/// <summary>A chat completion, whole or in chunks (platform.openai.com/docs/api-reference/chat).</summary>
internal static class ChatEvents
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonObject Completion(OpenAIReply reply, OpenAIRequest request)
    {
        var calls = reply.Blocks.OfType<ToolUseReply>().Select(call => (JsonNode)Call(call, call.Input.ToJsonString())).ToArray();
        var message = new JsonObject { ["role"] = "assistant", ["content"] = TextOf(reply), ["refusal"] = reply.Refusal };
        if (calls.Length > 0)
        {
            message["tool_calls"] = new JsonArray(calls);
        }

        if (ReasoningOf(reply) is { Length: > 0 } reasoning)
        {
            message["reasoning_content"] = reasoning;
        }

        return Of(request, "chat.completion", new JsonObject { ["index"] = 0, ["message"] = message, ["finish_reason"] = FinishReason(reply) }, Usage());
    }

    public static IEnumerable<string> Stream(OpenAIReply reply, OpenAIRequest request)
    {
        yield return Chunk(request, new JsonObject { ["role"] = "assistant", ["content"] = "" });

        foreach (var piece in Pieces.OfText(ReasoningOf(reply), reply.PieceLength))
        {
            yield return Chunk(request, new JsonObject { ["reasoning_content"] = piece });
        }

        foreach (var piece in Pieces.OfText(TextOf(reply) ?? "", reply.PieceLength))
        {
            yield return Chunk(request, new JsonObject { ["content"] = piece });
        }

        foreach (var piece in Pieces.OfText(reply.Refusal ?? "", reply.PieceLength))
        {
            yield return Chunk(request, new JsonObject { ["refusal"] = piece });
        }

        foreach (var (call, index) in reply.Blocks.OfType<ToolUseReply>().Select((call, index) => (call, index)))
        {
            var first = Call(call, "");
            first["index"] = index;
            yield return Chunk(request, new JsonObject { ["tool_calls"] = new JsonArray(first) });

            foreach (var piece in Pieces.OfText(call.Input.ToJsonString(), reply.PieceLength))
            {
                yield return Chunk(request, new JsonObject { ["tool_calls"] = new JsonArray(new JsonObject { ["index"] = index, ["function"] = new JsonObject { ["arguments"] = piece } }) });
            }
        }

        yield return Chunk(request, [], FinishReason(reply));
        yield return Line(Of(request, "chat.completion.chunk", choice: null, Usage()));
        yield return "data: [DONE]\n\n";
    }

    private static string FinishReason(OpenAIReply reply) => reply.Blocks.Any(block => block is ToolUseReply) ? "tool_calls" : "stop";

    private static string? TextOf(OpenAIReply reply) => reply.Blocks.OfType<TextReply>().Any() ? string.Concat(reply.Blocks.OfType<TextReply>().Select(text => text.Text)) : null;

    private static string ReasoningOf(OpenAIReply reply) => string.Concat(reply.Blocks.OfType<ThinkingReply>().Select(block => block.Thinking));

    private static string Chunk(OpenAIRequest request, JsonObject delta, string? finishReason = null) =>
        Line(Of(request, "chat.completion.chunk", new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = finishReason }, usage: null));

    private static string Line(JsonObject chunk) => $"data: {chunk.ToJsonString(Plain)}\n\n";

    private static JsonObject Of(OpenAIRequest request, string kind, JsonObject? choice, JsonObject? usage) => new()
    {
        ["id"] = $"chatcmpl-{request.Number}",
        ["object"] = kind,
        ["created"] = 1_700_000_000,
        ["model"] = request.Model,
        ["choices"] = choice is null ? [] : new JsonArray(choice),
        ["usage"] = usage,
    };

    private static JsonObject Call(ToolUseReply call, string arguments) =>
        new() { ["id"] = call.Id, ["type"] = "function", ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = arguments } };

    private static JsonObject Usage() => new() { ["prompt_tokens"] = 10, ["completion_tokens"] = 5, ["total_tokens"] = 15 };
}
