using System.Text.Json.Nodes;

namespace Conversations.Extensions.AI.Tests;

/// <summary>What the server answers: content blocks, or an error, and how a stream of it goes.</summary>
public sealed record AnthropicReply
{
    /// <summary>The content; empty for an error.</summary>
    public IReadOnlyList<ReplyBlock> Blocks { get; init; } = [];

    /// <summary>Why it stopped; <c>tool_use</c> if it calls tools and <c>end_turn</c> otherwise, unless set.</summary>
    public string? StopReason { get; init; }

    public ReplyUsage Usage { get; init; } = new();

    /// <summary>The model that answers; that of the request unless set.</summary>
    public string? Model { get; init; }

    /// <summary>The error in place of an answer.</summary>
    public ReplyError? Error { get; init; }

    /// <summary>How the stream ends.</summary>
    public StreamEnding Ending { get; init; } = StreamEnding.Complete;

    /// <summary>What lets the pieces out, one by one; without it they go at once. A plain answer is one piece.</summary>
    public ReplyGate? Gate { get; init; }

    /// <summary>How many characters a delta of a stream has.</summary>
    public int PieceLength { get; init; } = 5;

    /// <summary>How many bytes are written at a time, so that events and characters come in halves; 0 for whole events.</summary>
    public int BytesPerWrite { get; init; }

    /// <summary>Fields of the <c>message_delta</c>'s usage beside the output tokens, as some answers have them.</summary>
    public JsonObject? UsageAtTheEnd { get; init; }

    internal string EffectiveStopReason => StopReason ?? (Blocks.Any(block => block is ToolUseReply) ? "tool_use" : "end_turn");

    /// <summary>A text.</summary>
    public static AnthropicReply Text(string text) => Of(new TextReply(text));

    /// <summary>Content blocks in this order.</summary>
    public static AnthropicReply Of(params ReplyBlock[] blocks) => new() { Blocks = blocks };

    /// <summary>429 <c>rate_limit_error</c>.</summary>
    public static AnthropicReply RateLimited(int retryAfterSeconds = 7) => Failure(
        new(429, "rate_limit_error", "This request would exceed your organization's rate limit.") { RetryAfterSeconds = retryAfterSeconds });

    /// <summary>529 <c>overloaded_error</c>.</summary>
    public static AnthropicReply Overloaded() => Failure(new(529, "overloaded_error", "Overloaded"));

    /// <summary>500 <c>api_error</c>.</summary>
    public static AnthropicReply InternalError() => Failure(new(500, "api_error", "Internal server error"));

    /// <summary>400 <c>invalid_request_error</c>.</summary>
    public static AnthropicReply BadRequest(string message) => Failure(new(400, "invalid_request_error", message));

    private static AnthropicReply Failure(ReplyError error) => new() { Error = error };
}

/// <summary>An error of the API (platform.claude.com/docs/en/api/errors).</summary>
public sealed record ReplyError(int Status, string Type, string Message)
{
    public int? RetryAfterSeconds { get; init; }
}

/// <summary>
/// The tokens of an answer. The API's <c>input_tokens</c> leaves out what came from the cache and what went into it
/// (platform.claude.com/docs/en/build-with-claude/prompt-caching).
/// </summary>
public sealed record ReplyUsage(int Input = 10, int Output = 5, int CacheCreation = 0, int CacheRead = 0);
