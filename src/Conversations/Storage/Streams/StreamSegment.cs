using System.Text;

namespace Conversations.Storage;

/// <summary>A piece of what a run adds, saved while it is running: part of a message, or all of it.</summary>
/// <remarks>Offsets count the characters (UTF-16 code units) of text, and 1 for any other part. They do not depend on how the stream was cut into pieces.</remarks>
/// <param name="Number">Its number: 1, 2, 3 … within the run.</param>
/// <param name="Offset">How much of the stream comes before it.</param>
/// <param name="Fragment">The piece: role, parts, time, and the position of the message that it is part of. Pieces of one message follow each other.</param>
public sealed record StreamSegment(int Number, long Offset, ConversationMessage Fragment)
{
    /// <summary>How long it is.</summary>
    public long Length => LengthOf(Fragment);

    /// <summary>Where the next one begins.</summary>
    public long End => Offset + Length;

    /// <summary>How long a message, or a part of one, is.</summary>
    /// <param name="message">The message.</param>
    /// <returns>Characters of text, and 1 for any other part.</returns>
    public static long LengthOf(ConversationMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.Parts.Sum(part => part is TextPart { Text: var text } ? text.Length : 1L);
    }

    /// <summary>Puts pieces together to the messages that they are of: text is joined to what precedes it.</summary>
    /// <param name="segments">The pieces, in order, from the first of a message on.</param>
    /// <returns>The messages, with the role and time of their first piece and the position; all marked partial.</returns>
    public static IReadOnlyList<ConversationMessage> Join(IEnumerable<StreamSegment> segments)
    {
        ArgumentNullException.ThrowIfNull(segments);
        return
        [
            .. segments.GroupBy(segment => segment.Fragment.Position, segment => segment.Fragment)
                .Select(pieces => (First: pieces.First(), Parts: JoinParts(pieces.SelectMany(piece => piece.Parts))))
                .Select(message => new ConversationMessage(message.First.Role, message.Parts) { Position = message.First.Position, CreatedAt = message.First.CreatedAt, IsPartial = true }),
        ];
    }

    /// <summary>Joins each text to the text that precedes it.</summary>
    internal static IReadOnlyList<ContentPart> JoinParts(IEnumerable<ContentPart> parts)
    {
        var joined = new List<ContentPart>();
        var text = new StringBuilder();
        TextPart? only = null;
        foreach (var part in parts)
        {
            if (part is TextPart piece)
            {
                only = text.Length == 0 ? piece : null;
                text.Append(piece.Text);
                continue;
            }

            Flush();
            joined.Add(part);
        }

        Flush();
        return joined;

        void Flush()
        {
            if (text.Length > 0 || only is not null)
                joined.Add(only ?? new TextPart(text.ToString()));
            text.Clear();
            only = null;
        }
    }
}
