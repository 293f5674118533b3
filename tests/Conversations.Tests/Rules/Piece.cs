using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>A numbered piece of the output of a run.</summary>
internal sealed record Piece(int Number, StreamPiece Content)
{
    /// <summary>How long the output of the tests remains readable.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromMinutes(10);

    private const string ConversationId = "conv_1";
    private const long RunNumber = 1;

    /// <summary>Reads segments.</summary>
    public static IReadOnlyList<StreamPiece> Read(IReadOnlyList<StreamSegment> segments) => StreamPiece.Read(segments, ConversationId, RunNumber);

    /// <summary>Cuts the text of each message into pieces at every bar: <c>"a|b"</c> is one message in two pieces. The first message is at position 2.</summary>
    public static IReadOnlyList<Piece> Cut(DateTimeOffset now, params IEnumerable<string> messages)
    {
        var pieces = new List<Piece>();
        var position = 2;
        foreach (var message in messages)
        {
            foreach (var text in message.Split('|'))
                pieces.Add(After(pieces, Fragment(now, position, new TextPart(text))));
            position++;
        }

        return pieces;
    }

    /// <summary>A piece of an assistant's message.</summary>
    public static StoredMessage Fragment(DateTimeOffset now, long position, params IEnumerable<ContentPart> parts) =>
        new(MessageRole.Assistant, parts) { ConversationId = ConversationId, Position = position, RunNumber = RunNumber, CreatedAt = now };

    /// <summary>The piece that follows others.</summary>
    public static Piece After(IReadOnlyList<Piece> before, StoredMessage fragment) =>
        new(before.Count + 1, new StreamPiece(before is [.., var last] ? last.Content.End : 0, fragment));

    public StreamSegment ToSegment() => Content.ToSegment(Number);
}
