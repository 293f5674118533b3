using System.Text;

namespace Conversations;

/// <summary>A piece of the output of a run, as a follower receives it. The last update contains the status of the run.</summary>
/// <remarks>Immutable, and therefore thread-safe.</remarks>
public sealed record StreamUpdate
{
    /// <summary>Gets the offset of the update: the length of the stream before it. Text and reasoning count their UTF-16 code units; the end of either (metadata, or the protected data of reasoning) and any other part count 1.
    /// For the last update it is the length of the stream, which can be less than the requested offset.</summary>
    public required long Offset { get; init; }

    /// <summary>Gets the offset of the next update. A follower that was disconnected continues from here.</summary>
    public long NextOffset => Offset + (Fragment is null ? 0 : StreamPiece.LengthOf(Fragment));

    /// <summary>Gets the piece of a message, with the id of the message; <see langword="null"/> for the last update. The metadata of the message is on the first piece that has it.
    /// Pieces without length are omitted, and so is metadata that arrives with empty text only: the complete message has it.</summary>
    public StoredMessage? Fragment { get; init; }

    /// <summary>Gets the text of the piece; empty if there is none.</summary>
    public string Text => Fragment?.Text ?? "";

    /// <summary>Gets the status of the run; <see langword="null"/> except for the last update.</summary>
    public RunStatus? EndedAs { get; init; }

    // Without content, so that the text is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, EndedAs is null ? $"{Offset}-{NextOffset}" : $"{Offset} {EndedAs}");

    /// <summary>Removes what precedes an offset from a fragment.</summary>
    /// <returns>The update; null if nothing remains.</returns>
    internal static StreamUpdate? From(StoredMessage fragment, long offset, long from)
    {
        if (from <= offset)
            return new StreamUpdate { Offset = offset, Fragment = fragment };

        var skip = from - offset;
        var parts = new List<ContentPart>();
        foreach (var part in fragment.Parts)
        {
            var length = part.Length;
            if (skip > 0 && skip < length)
            {
                // The offset is within a surrogate pair.
                var cut = (int)skip + (skip < part.Flow!.Length && char.IsLowSurrogate(part.Flow[(int)skip]) ? 1 : 0);
                from += cut - skip;
                skip = cut;
                if (cut < length)
                    parts.Add(part.WithFlow(part.Flow[cut..]));
            }
            else if (skip == 0)
            {
                parts.Add(part);
                continue;
            }

            skip -= Math.Min(skip, length);
        }

        return parts.Count == 0 ? null : new StreamUpdate { Offset = from, Fragment = fragment with { Parts = parts } };
    }
}
