namespace Conversations.Extensions.AI.Tests;

/// <summary>What the server answers: reasoning, text and calls, a refusal, or an error, and how a stream of it goes.</summary>
internal sealed record OpenAIReply
{
    /// <summary>The content, in order. A chat completion holds reasoning as servers of other models write it: <c>reasoning_content</c>, which is not signed.</summary>
    public IReadOnlyList<ReplyBlock> Blocks { get; init; } = [];

    /// <summary>The model's refusal, in place of content.</summary>
    public string? Refusal { get; init; }

    /// <summary>The error in place of an answer.</summary>
    public ReplyError? Error { get; init; }

    /// <summary>How the stream ends.</summary>
    public StreamEnding Ending { get; init; } = StreamEnding.Complete;

    /// <summary>How many characters a delta of a stream has.</summary>
    public int PieceLength { get; init; } = 5;

    /// <summary>The encrypted form of the reasoning, by the number of its block. The server makes it up.</summary>
    public IReadOnlyDictionary<int, string> Encrypted { get; init; } = new Dictionary<int, string>();

    /// <summary>A text.</summary>
    public static OpenAIReply Text(string text) => Of(new TextReply(text));

    /// <summary>Content in this order.</summary>
    public static OpenAIReply Of(params ReplyBlock[] blocks) => new() { Blocks = blocks };
}
