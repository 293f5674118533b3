using System.Text.Json;
using System.Text.Json.Nodes;
using Replay;

namespace Conversations.Extensions.AI.Tests.Replays;

/// <summary>An answer of the model as it was recorded, in no provider's form.</summary>
internal sealed record ReplayStep
{
    private const int PieceLength = 40;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>What it thinks first; null for nothing.</summary>
    public string? Thinking { get; init; }

    /// <summary>Whether it also thinks something that its provider alone can read.</summary>
    public bool IsPartlyHidden { get; init; }

    /// <summary>What it says; null for nothing.</summary>
    public string? Text { get; init; }

    /// <summary>What it calls.</summary>
    public IReadOnlyList<ToolUseReply> Calls { get; init; } = [];

    /// <summary>Whether it refuses to answer, and says nothing else.</summary>
    public bool IsRefusal { get; init; }

    /// <summary>The error in place of an answer.</summary>
    public ReplyError? Error { get; init; }

    /// <summary>How its stream ends.</summary>
    public StreamEnding Ending { get; init; } = StreamEnding.Complete;

    private IEnumerable<ReplyBlock> Blocks =>
    [
        .. Thinking is null ? [] : new ReplyBlock[] { new ThinkingReply(Thinking) },
        .. IsPartlyHidden ? [new RedactedThinkingReply($"hidden {Thinking}")] : Array.Empty<ReplyBlock>(),
        .. Text is null ? [] : new ReplyBlock[] { new TextReply(Text) },
        .. Calls,
    ];

    /// <summary>A recorded answer.</summary>
    public static ReplayStep Of(RecordedMessage message) => new()
    {
        Text = string.IsNullOrEmpty(message.Content) ? null : message.Content,
        Calls = [.. message.Calls.Select(call => new ToolUseReply(call.Name, Input(call.Arguments), call.Id))],
    };

    public AnthropicReply ForAnthropic() => IsRefusal ? new AnthropicReply { StopReason = "refusal" } : AnthropicReply.Of([.. Blocks]) with { Error = Error, Ending = Ending, PieceLength = PieceLength };

    /// <summary>The answer of OpenAI. Its clients take an error within a stream for its end, so the stream is cut instead.</summary>
    public OpenAIReply ForOpenAI() => IsRefusal
        ? new OpenAIReply { Refusal = "I cannot help with that." }
        : OpenAIReply.Of([.. Blocks]) with { Error = Error, Ending = Ending.Kind == EndingKind.Error ? StreamEnding.CutAfter(Ending.AfterEvents) : Ending, PieceLength = PieceLength };

    /// <summary>Arguments as providers have them: an object. A few are recorded as something else, or with a name that occurs twice.</summary>
    private static JsonObject Input(string arguments)
    {
        try
        {
            return JsonNode.Parse(arguments, documentOptions: Strict) as JsonObject ?? new JsonObject { ["value"] = arguments };
        }
        catch (JsonException)
        {
            return new JsonObject { ["value"] = arguments };
        }
    }
}
