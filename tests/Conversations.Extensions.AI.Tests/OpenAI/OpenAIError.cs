using System.Text.Json.Nodes;

namespace Conversations.Extensions.AI.Tests;

/// <summary>An error as the APIs write it: as a body, or as an event of a stream that has begun.</summary>
internal static class OpenAIError
{
    public static string Body(ReplyError error) => new JsonObject { ["error"] = Of(error) }.ToJsonString();

    public static string Event(ReplyError error) => $"event: error\ndata: {new JsonObject { ["type"] = "error", ["code"] = error.Type, ["message"] = error.Message, ["param"] = null, ["sequence_number"] = 1_000, ["error"] = Of(error) }.ToJsonString()}\n\n";

    private static JsonObject Of(ReplyError error) => new() { ["message"] = error.Message, ["type"] = error.Type, ["param"] = null, ["code"] = null };
}
