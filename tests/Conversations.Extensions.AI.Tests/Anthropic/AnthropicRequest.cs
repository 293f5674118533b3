using System.Text.Json;

namespace Conversations.Extensions.AI.Tests;

/// <summary>A request as the server received it, whether it obeyed the rules or not.</summary>
public sealed class AnthropicRequest
{
    private readonly TaskCompletionSource _disconnected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal AnthropicRequest(int number, IReadOnlyDictionary<string, string> headers, string text, JsonElement body)
    {
        Number = number;
        Headers = headers;
        Text = text;
        Body = body;
    }

    /// <summary>The how manieth request of the server it is, from 1.</summary>
    public int Number { get; }

    /// <summary>The headers, by name without regard to case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The body as it came.</summary>
    public string Text { get; }

    /// <summary>The body; undefined if it was not JSON.</summary>
    public JsonElement Body { get; }

    /// <summary>What it broke; empty if nothing.</summary>
    public IReadOnlyList<RuleViolation> Violations { get; internal set; } = [];

    /// <summary>The messages, in order.</summary>
    public IReadOnlyList<JsonElement> Messages =>
        Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty("messages", out var messages) && messages.ValueKind == JsonValueKind.Array
            ? [.. messages.EnumerateArray()]
            : [];

    /// <summary>Whether the answer is to come as a stream of events.</summary>
    public bool IsStreamed =>
        Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True;

    /// <summary>Completes when the client goes away before its answer is complete.</summary>
    public Task Disconnected => _disconnected.Task;

    /// <summary>The blocks of a message; a content that is a string is one text block.</summary>
    public IReadOnlyList<JsonElement> BlocksOf(int message)
    {
        var content = Messages[message].GetProperty("content");

        return content.ValueKind == JsonValueKind.Array
            ? [.. content.EnumerateArray()]
            : [JsonSerializer.SerializeToElement(new { type = "text", text = content.GetString() })];
    }

    /// <summary>The text of a message: its text blocks, one after the other.</summary>
    public string TextOf(int message) => string.Concat(BlocksOf(message)
        .Where(block => block.GetProperty("type").ValueEquals("text"))
        .Select(block => block.GetProperty("text").GetString()));

    internal void Disconnect() => _disconnected.TrySetResult();
}
