using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Conversations.Extensions.AI.Tests;

/// <summary>A content block of an answer.</summary>
public abstract record ReplyBlock
{
    private protected static readonly JsonSerializerOptions Escaped = new() { Encoder = JavaScriptEncoder.Default };

    /// <summary>The block as a plain answer holds it.</summary>
    internal abstract JsonObject ToJson();

    /// <summary>The block as a stream opens it: without what the deltas bring.</summary>
    internal abstract JsonObject ToStart();

    /// <summary>What a stream adds to it, piece by piece.</summary>
    /// <param name="pieceLength">How many characters a piece has.</param>
    internal abstract IEnumerable<JsonObject> ToDeltas(int pieceLength);
}

/// <summary>Text, with citations if any, each as the API writes it.</summary>
public sealed record TextReply(string Text) : ReplyBlock
{
    public IReadOnlyList<JsonObject> Citations { get; init; } = [];

    internal override JsonObject ToJson() => new()
    {
        ["type"] = "text",
        ["text"] = Text,
        ["citations"] = Citations.Count == 0 ? null : new JsonArray([.. Citations.Select(citation => citation.DeepClone())]),
    };

    internal override JsonObject ToStart() => new() { ["type"] = "text", ["text"] = "" };

    internal override IEnumerable<JsonObject> ToDeltas(int pieceLength) =>
    [
        .. Pieces.OfText(Text, pieceLength).Select(piece => new JsonObject { ["type"] = "text_delta", ["text"] = piece }),
        .. Citations.Select(citation => new JsonObject { ["type"] = "citations_delta", ["citation"] = citation.DeepClone() }),
    ];
}

/// <summary>Thinking. Its signature is made up by the server unless given, and has to come back unchanged.</summary>
public sealed record ThinkingReply(string Thinking, string? Signature = null) : ReplyBlock
{
    internal override JsonObject ToJson() => new() { ["type"] = "thinking", ["thinking"] = Thinking, ["signature"] = Signature };

    internal override JsonObject ToStart() => new() { ["type"] = "thinking", ["thinking"] = "", ["signature"] = "" };

    // The signature comes whole, after the thinking (platform.claude.com/docs/en/build-with-claude/streaming).
    internal override IEnumerable<JsonObject> ToDeltas(int pieceLength) =>
    [
        .. Pieces.OfText(Thinking, pieceLength).Select(piece => new JsonObject { ["type"] = "thinking_delta", ["thinking"] = piece }),
        new() { ["type"] = "signature_delta", ["signature"] = Signature },
    ];
}

/// <summary>Thinking that only the provider can read. Its data has to come back unchanged.</summary>
public sealed record RedactedThinkingReply(string Data) : ReplyBlock
{
    internal override JsonObject ToJson() => new() { ["type"] = "redacted_thinking", ["data"] = Data };

    internal override JsonObject ToStart() => ToJson();

    internal override IEnumerable<JsonObject> ToDeltas(int pieceLength) => [];
}

/// <summary>A call of a tool. Its id is made up by the server unless given.</summary>
public sealed record ToolUseReply(string Name, JsonObject Input, string? Id = null) : ReplyBlock
{
    /// <summary>A call with the input given as JSON.</summary>
    public static ToolUseReply Of(string name, string input = "{}", string? id = null) =>
        new(name, JsonNode.Parse(input)!.AsObject(), id);

    internal override JsonObject ToJson() => new() { ["type"] = "tool_use", ["id"] = Id, ["name"] = Name, ["input"] = Input.DeepClone() };

    internal override JsonObject ToStart() => new() { ["type"] = "tool_use", ["id"] = Id, ["name"] = Name, ["input"] = new JsonObject() };

    // Beyond ASCII the input is escaped, so that pieces are cut within escapes, and between the two halves of an emoji.
    internal override IEnumerable<JsonObject> ToDeltas(int pieceLength) =>
        Pieces.OfText(Input.Count == 0 ? "" : Input.ToJsonString(Escaped), pieceLength)
            .Prepend("")
            .Select(piece => new JsonObject { ["type"] = "input_json_delta", ["partial_json"] = piece });
}
