using System.Text;

namespace Conversations.Storage;

/// <summary>A piece of what a run adds, saved while it is running: part of a message, or all of it.</summary>
/// <remarks>Offsets count the characters (UTF-16 code units) of text and reasoning, 1 for what closes one of them (metadata, or what a reasoning has protected), and 1 for any other part. They do not depend on how the stream was cut into pieces.</remarks>
/// <param name="Number">Its number: 1, 2, 3 … within the run.</param>
/// <param name="Offset">How much of the stream comes before it.</param>
/// <param name="Fragment">The piece: role, parts, time, metadata if any, and the position of the message that it is part of. Pieces of one message follow each other.</param>
public sealed record StreamSegment(int Number, long Offset, ConversationMessage Fragment)
{
    /// <summary>How long it is.</summary>
    public long Length => LengthOf(Fragment);

    /// <summary>Where the next one begins.</summary>
    public long End => Offset + Length;

    /// <summary>How long a message, or a part of one, is.</summary>
    /// <param name="message">The message.</param>
    /// <returns>Characters of text and reasoning, 1 for what closes one of them, and 1 for any other part.</returns>
    public static long LengthOf(ConversationMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.Parts.Sum(part => (long)part.Length);
    }

    /// <summary>Puts pieces together to the messages that they are of: text is joined to the text that precedes it, reasoning to reasoning. A piece that is damaged is left out
    /// where the message has others: an error would keep all of it from the model, for good.</summary>
    /// <param name="segments">The pieces, in order, from the first of a message on.</param>
    /// <returns>The messages, with the role and time of their first piece, the last metadata and the position; all marked partial.</returns>
    public static IReadOnlyList<ConversationMessage> Join(IEnumerable<StreamSegment> segments)
    {
        ArgumentNullException.ThrowIfNull(segments);
        return
        [
            .. segments.GroupBy(segment => segment.Fragment.Position, segment => segment.Fragment, static (position, pieces) => (Position: position, Pieces: Readable([.. pieces])))
                .Select(static message => new ConversationMessage(message.Pieces[0].Role, JoinParts(message.Pieces.SelectMany(piece => piece.Parts)))
                {
                    Position = message.Position,
                    CreatedAt = message.Pieces[0].CreatedAt,
                    Metadata = message.Pieces.Select(piece => piece.Metadata).LastOrDefault(metadata => metadata is not null),
                    IsPartial = true,
                }),
        ];
    }

    private static List<ConversationMessage> Readable(List<ConversationMessage> pieces) =>
        !pieces.Exists(static piece => piece.IsDamaged) ? pieces
        : pieces.FindAll(static piece => !piece.IsDamaged) is { Count: > 0 } readable ? readable
        : pieces[..1];

    /// <summary>Joins each text to the text that precedes it, and each reasoning to the reasoning.</summary>
    internal static IReadOnlyList<ContentPart> JoinParts(IEnumerable<ContentPart> parts)
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
}
