namespace Conversations;

/// <summary>Merges a piece of usual length: looks through all its pairs for the lowest, again and again. On the stack.</summary>
internal static class ShortMerge
{
    /// <summary>The longest piece for which it is faster than <see cref="LongMerge"/>, about.</summary>
    public const int Longest = 128;

    /// <summary>How many tokens are left when nothing can be merged any more.</summary>
    public static int Count(Vocabulary vocabulary, ReadOnlySpan<byte> piece)
    {
        Span<int> tokens = stackalloc int[Longest];
        Span<int> merged = stackalloc int[Longest];
        var count = piece.Length;
        for (var i = 0; i < count; i++)
            tokens[i] = vocabulary.OfByte(piece[i]);
        for (var i = 0; i + 1 < count; i++)
            merged[i] = vocabulary.Merge(tokens[i], tokens[i + 1]);

        while (Lowest(merged[..(count - 1)]) is var at and >= 0)
        {
            tokens[at] = merged[at];
            count--;
            tokens[(at + 2)..(count + 1)].CopyTo(tokens[(at + 1)..]);
            merged[(at + 1)..count].CopyTo(merged[at..]);
            if (at > 0)
                merged[at - 1] = vocabulary.Merge(tokens[at - 1], tokens[at]);
            if (at + 1 < count)
                merged[at] = vocabulary.Merge(tokens[at], tokens[at + 1]);
        }

        return count;
    }

    /// <summary>Where the lowest stands, the leftmost of equals; -1 if nothing merges.</summary>
    private static int Lowest(ReadOnlySpan<int> merged)
    {
        var at = -1;
        var lowest = MergeTable.None;
        for (var i = 0; i < merged.Length; i++)
        {
            if (merged[i] < lowest)
            {
                lowest = merged[i];
                at = i;
            }
        }

        return at;
    }
}
