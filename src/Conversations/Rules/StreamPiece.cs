using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Conversations.Storage;

namespace Conversations;

/// <summary>A piece of the output of a run while it is streamed: a part of a message, or all of it.</summary>
/// <remarks>Offsets count the characters (UTF-16 code units) of text and reasoning, 1 for what closes one of them (metadata, or the protected data of reasoning), and 1 for any other part.
/// They do not depend on how the stream was cut into pieces.</remarks>
/// <param name="Offset">How much of the stream precedes it.</param>
/// <param name="Fragment">The piece: role, parts, time, author, metadata, and the place of the message that it is part of.</param>
internal sealed record StreamPiece(long Offset, StoredMessage Fragment)
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Where the next piece begins.</summary>
    public long End => Offset + LengthOf(Fragment);

    /// <summary>The length of a message, or of a part of one.</summary>
    public static long LengthOf(ConversationMessage message)
    {
        var length = 0L;
        foreach (var part in message.Parts)
            length += part.Length;
        return length;
    }

    /// <summary>Writes the piece as the content of a segment.</summary>
    public StreamSegment ToSegment(int number)
    {
        var (format, text) = MessageContent.Write(Fragment);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            json.WriteStartObject();
            json.WriteNumber("position", Fragment.Position);
            json.WriteNumber("role", (int)Fragment.Role);
            json.WriteNumber("time", Fragment.CreatedAt!.Value.UtcTicks);
            if (Fragment.AuthorName is not null)
                json.WriteString("author", Fragment.AuthorName);
            json.WriteNumber("format", (int)format);
            json.WriteString("content", text);
            json.WriteEndObject();
        }

        return new StreamSegment(number, Offset, Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    /// <summary>Reads segments of a run. A segment that is damaged is read as an error in the message of the segment before it.</summary>
    public static IReadOnlyList<StreamPiece> Read(IReadOnlyList<StreamSegment> segments, string conversationId, long runNumber)
    {
        var pieces = new List<StreamPiece>(segments.Count);
        foreach (var segment in segments)
        {
            var (position, content) = TryRead(segment.Content)
                ?? (pieces is [.., var last] ? last.Fragment.Position : 0, new ConversationMessage(MessageRole.Assistant, MessageContent.Damaged) { CreatedAt = DateTimeOffset.MinValue });
            pieces.Add(new StreamPiece(segment.Offset, new StoredMessage(content) { ConversationId = conversationId, Position = position, RunNumber = runNumber }));
        }

        return pieces;
    }

    /// <summary>Joins pieces to messages: text to the text that precedes it, reasoning to reasoning. A damaged piece is left out
    /// if its message has others: an error would hide all of it from the model.</summary>
    /// <param name="pieces">The pieces, in order, from the first of a message on.</param>
    /// <returns>The messages: each its first piece, with all parts, the last author and the last metadata, marked partial.</returns>
    public static IReadOnlyList<StoredMessage> Join(IEnumerable<StoredMessage> pieces) =>
    [
        .. pieces.GroupBy(piece => piece.Position, static (_, pieces) => Readable([.. pieces]))
            .Select(static pieces => pieces[0] with
            {
                Parts = JoinParts(pieces.SelectMany(piece => piece.Parts)),
                AuthorName = pieces.Select(piece => piece.AuthorName).LastOrDefault(author => author is not null),
                Metadata = pieces.Select(piece => piece.Metadata).LastOrDefault(metadata => metadata is not null),
                IsPartial = true,
            }),
    ];

    /// <summary>Joins each text to the text that precedes it, and each reasoning to the reasoning.</summary>
    public static IReadOnlyList<ContentPart> JoinParts(IEnumerable<ContentPart> parts)
    {
        var joined = new List<ContentPart>();
        var flow = new StringBuilder();
        foreach (var part in parts)
        {
            if (joined is [.., var last] && last.Joined(part) is { } both)
            {
                flow.Append(part.Flow);
                joined[^1] = both;
                continue;
            }

            Flow();
            joined.Add(part);
            flow.Append(part.Flow);
        }

        Flow();
        return joined;

        void Flow()
        {
            if (joined is [.., { Flow: { } text } last] && text.Length != flow.Length)
                joined[^1] = last.WithFlow(flow.ToString());
            flow.Clear();
        }
    }

    private static List<StoredMessage> Readable(List<StoredMessage> pieces) =>
        !pieces.Exists(static piece => piece.IsDamaged) ? pieces
        : pieces.FindAll(static piece => !piece.IsDamaged) is { Count: > 0 } readable ? readable
        : pieces[..1];

    private static (long Position, ConversationMessage Content)? TryRead(string content)
    {
        try
        {
            using var document = JsonDocument.Parse(content);
            var root = document.RootElement;
            var parts = MessageContent.Read((ContentFormat)root.GetProperty("format").GetInt32(), root.GetProperty("content").GetString()!, out var metadata);
            return (root.GetProperty("position").GetInt64(), new ConversationMessage((MessageRole)root.GetProperty("role").GetInt32(), parts)
            {
                CreatedAt = new DateTimeOffset(root.GetProperty("time").GetInt64(), TimeSpan.Zero),
                AuthorName = root.TryGetProperty("author", out var author) ? author.GetString() : null,
                Metadata = metadata,
            });
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            // The exception can quote the content, so it is not passed on.
            return null;
        }
    }
}
