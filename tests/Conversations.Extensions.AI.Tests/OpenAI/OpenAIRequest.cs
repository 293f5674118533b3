using System.Text.Json;

namespace Conversations.Extensions.AI.Tests;

/// <summary>A request as the server received it, whether it obeyed the rules or not.</summary>
/// <param name="Number">The how manieth request of the server it is, from 1.</param>
/// <param name="Text">The body as it came.</param>
/// <param name="Body">The body; undefined if it was not JSON.</param>
internal sealed record OpenAIRequest(int Number, string Text, JsonElement Body)
{
    /// <summary>What it broke; empty if nothing.</summary>
    public IReadOnlyList<RuleViolation> Violations { get; init; } = [];

    /// <summary>The model that it asks.</summary>
    public string Model => Body.GetProperty("model").GetString()!;

    /// <summary>The messages or items, in order.</summary>
    public IReadOnlyList<JsonElement> Items => Body.TryGetProperty("messages", out var items) || Body.TryGetProperty("input", out items) ? [.. items.EnumerateArray()] : [];

    /// <summary>Whether the answer is to come as a stream of events.</summary>
    public bool IsStreamed => Body.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True;

    /// <summary>Whether an answer may hold reasoning in a form that comes back: the responses API gives it only if it is asked for.</summary>
    public bool TakesEncryptedReasoning => Body.TryGetProperty("include", out var include) && include.EnumerateArray().Any(item => item.ValueEquals("reasoning.encrypted_content"));
}
