using Conversations.Storage;

namespace Conversations;

/// <summary>A piece of what a run adds, as a follower gets it; the last one tells how the run ended.</summary>
/// <remarks>Immutable, so safe from any thread.</remarks>
public sealed record StreamUpdate
{
    /// <summary>Where it begins: how much of the run's stream comes before it. Text and reasoning count their characters (UTF-16 code units), what closes one of them (metadata, or what a reasoning has protected) and any other part 1.
    /// At the end it is the length of the stream: less than what was asked for if the stream was never so long.</summary>
    public required long Offset { get; init; }

    /// <summary>Where the next one begins: whoever was cut off goes on from here.</summary>
    public long NextOffset => Offset + (Fragment is null ? 0 : StreamSegment.LengthOf(Fragment));

    /// <summary>The message that it is part of, in full or in part, with its id; <see langword="null"/> at the end. The message's own metadata comes with the first piece that has it.
    /// A piece of no length is not given by itself, nor is metadata of the message that comes with empty text alone: the finished message has it.</summary>
    public ConversationMessage? Fragment { get; init; }

    /// <summary>The text of it; empty if there is none.</summary>
    public string Text => Fragment?.Text ?? "";

    /// <summary>How the run ended; <see langword="null"/> while there is more to come.</summary>
    public RunStatus? EndedAs { get; init; }

    /// <summary>What is safe to log: where it stands, no content.</summary>
    /// <returns>The offsets and the end.</returns>
    public override string ToString() => EndedAs is null ? $"{Offset}-{NextOffset}" : $"{Offset} {EndedAs}";

    /// <summary>Leaves out of a fragment what lies before an offset.</summary>
    /// <returns>The update; null if nothing is left.</returns>
    internal static StreamUpdate? From(ConversationMessage fragment, long offset, long from)
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
                // Half a character is no text.
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

        return parts.Count == 0 ? null : new StreamUpdate { Offset = from, Fragment = Replaced(fragment, parts) };
    }

    private static ConversationMessage Replaced(ConversationMessage fragment, List<ContentPart> parts) => new(fragment.Role, parts)
    {
        ConversationId = fragment.ConversationId,
        Position = fragment.Position,
        RunNumber = fragment.RunNumber,
        CreatedAt = fragment.CreatedAt,
        IsPartial = fragment.IsPartial,
        Metadata = fragment.Metadata,
    };
}
