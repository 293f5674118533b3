using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Conversations.Extensions.AI.Tests;

/// <summary>A response, whole or as events (platform.openai.com/docs/api-reference/responses-streaming).</summary>
internal static class ResponseEvents
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonObject Response(OpenAIReply reply, OpenAIRequest request, string status) => new()
    {
        ["id"] = $"resp_{request.Number:D8}",
        ["object"] = "response",
        ["created_at"] = 1_700_000_000,
        ["status"] = status,
        ["model"] = request.Model,
        ["output"] = status == "completed" ? new JsonArray([.. Items(reply, request).Select(item => (JsonNode)Whole(item.Block, item.Id, reply, item.Index))]) : [],
        ["parallel_tool_calls"] = true,
        ["tools"] = new JsonArray(),
        ["tool_choice"] = "auto",
        ["usage"] = status != "completed" ? null : new JsonObject
        {
            ["input_tokens"] = 10,
            ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = 0 },
            ["output_tokens"] = 5,
            ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = 0 },
            ["total_tokens"] = 15,
        },
    };

    public static IEnumerable<string> Stream(OpenAIReply reply, OpenAIRequest request)
    {
        var number = 0;

        yield return Line("response.created", new() { ["response"] = Response(reply, request, "in_progress") });
        yield return Line("response.in_progress", new() { ["response"] = Response(reply, request, "in_progress") });

        foreach (var (block, id, index) in Items(reply, request))
        {
            yield return Line("response.output_item.added", new() { ["output_index"] = index, ["item"] = Begun(block, id) });

            foreach (var (name, fields) in Inner(block, id, index, reply.PieceLength))
            {
                yield return Line(name, fields);
            }

            yield return Line("response.output_item.done", new() { ["output_index"] = index, ["item"] = Whole(block, id, reply, index) });
        }

        yield return Line("response.completed", new() { ["response"] = Response(reply, request, "completed") });

        string Line(string name, JsonObject fields)
        {
            fields["type"] = name;
            fields["sequence_number"] = number++;

            return $"event: {name}\ndata: {fields.ToJsonString(Plain)}\n\n";
        }
    }

    private static IEnumerable<(ReplyBlock Block, string Id, int Index)> Items(OpenAIReply reply, OpenAIRequest request) =>
        (reply.Refusal is null ? reply.Blocks : [new RefusalReply(reply.Refusal)]).Select((block, index) => (block, string.Create(CultureInfo.InvariantCulture, $"{Prefix(block)}_{request.Number:D8}_{index}"), index));

    private static string Prefix(ReplyBlock block) => block switch
    {
        ThinkingReply or RedactedThinkingReply => "rs",
        ToolUseReply => "fc",
        _ => "msg",
    };

    private static JsonObject Begun(ReplyBlock block, string id) => block switch
    {
        ThinkingReply or RedactedThinkingReply => new() { ["id"] = id, ["type"] = "reasoning", ["summary"] = new JsonArray() },
        ToolUseReply call => Call(call, id, "in_progress", ""),
        _ => Message(id, "in_progress", []),
    };

    private static JsonObject Whole(ReplyBlock block, string id, OpenAIReply reply, int index)
    {
        switch (block)
        {
            case ThinkingReply or RedactedThinkingReply:
                var reasoning = new JsonObject { ["id"] = id, ["type"] = "reasoning", ["summary"] = block is ThinkingReply { Thinking: var text } ? new JsonArray(Summary(text)) : [] };
                if (reply.Encrypted.TryGetValue(index, out var encrypted))
                {
                    reasoning["encrypted_content"] = encrypted;
                }

                return reasoning;
            case ToolUseReply call:
                return Call(call, id, "completed", call.Input.ToJsonString());
            default:
                return Message(id, "completed", new JsonArray(Part(block)));
        }
    }

    private static IEnumerable<(string Name, JsonObject Fields)> Inner(ReplyBlock block, string id, int index, int pieceLength)
    {
        switch (block)
        {
            case ThinkingReply { Thinking: var text }:
                yield return ("response.reasoning_summary_part.added", At(new() { ["summary_index"] = 0, ["part"] = Summary("") }));
                foreach (var piece in Pieces.OfText(text, pieceLength))
                {
                    yield return ("response.reasoning_summary_text.delta", At(new() { ["summary_index"] = 0, ["delta"] = piece }));
                }

                yield return ("response.reasoning_summary_text.done", At(new() { ["summary_index"] = 0, ["text"] = text }));
                yield return ("response.reasoning_summary_part.done", At(new() { ["summary_index"] = 0, ["part"] = Summary(text) }));
                break;
            case ToolUseReply call:
                foreach (var piece in Pieces.OfText(call.Input.ToJsonString(), pieceLength))
                {
                    yield return ("response.function_call_arguments.delta", At(new() { ["delta"] = piece }));
                }

                yield return ("response.function_call_arguments.done", At(new() { ["arguments"] = call.Input.ToJsonString() }));
                break;
            case TextReply or RefusalReply:
                var (name, written) = block is RefusalReply { Text: var refusal } ? ("refusal", refusal) : ("output_text", ((TextReply)block).Text);
                yield return ("response.content_part.added", At(new() { ["content_index"] = 0, ["part"] = Part(block is RefusalReply ? new RefusalReply("") : new TextReply("")) }));
                foreach (var piece in Pieces.OfText(written, pieceLength))
                {
                    yield return ($"response.{name}.delta", At(new() { ["content_index"] = 0, ["delta"] = piece }));
                }

                yield return ($"response.{name}.done", At(new() { ["content_index"] = 0, [block is RefusalReply ? "refusal" : "text"] = written }));
                yield return ("response.content_part.done", At(new() { ["content_index"] = 0, ["part"] = Part(block) }));
                break;
        }

        JsonObject At(JsonObject fields)
        {
            (fields["item_id"], fields["output_index"]) = (id, index);

            return fields;
        }
    }

    private static JsonObject Summary(string text) => new() { ["type"] = "summary_text", ["text"] = text };

    private static JsonObject Part(ReplyBlock block) => block is RefusalReply { Text: var refusal }
        ? new() { ["type"] = "refusal", ["refusal"] = refusal }
        : new() { ["type"] = "output_text", ["text"] = ((TextReply)block).Text, ["annotations"] = new JsonArray() };

    private static JsonObject Message(string id, string status, JsonArray content) => new() { ["id"] = id, ["type"] = "message", ["status"] = status, ["role"] = "assistant", ["content"] = content };

    private static JsonObject Call(ToolUseReply call, string id, string status, string arguments) =>
        new() { ["id"] = id, ["type"] = "function_call", ["status"] = status, ["call_id"] = call.Id, ["name"] = call.Name, ["arguments"] = arguments };

    private sealed record RefusalReply(string Text) : ReplyBlock
    {
        internal override JsonObject ToJson() => throw new NotSupportedException();

        internal override JsonObject ToStart() => throw new NotSupportedException();

        internal override IEnumerable<JsonObject> ToDeltas(int pieceLength) => throw new NotSupportedException();
    }
}
