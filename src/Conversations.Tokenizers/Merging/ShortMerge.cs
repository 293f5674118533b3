using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Conversations;

/// <summary>Merges a piece of usual length on the stack: searches all its pairs for the lowest, again and again.</summary>
/// <remarks>A pair is stored at the first byte of its left token. Its number consists of the token into which it is merged, then that place. So the lowest number is the
/// lowest merge, the leftmost of equal ones, and contains its place.</remarks>
internal static class ShortMerge
{
    /// <summary>The longest piece; for longer ones, <see cref="LongMerge"/> is faster.</summary>
    public const int Longest = 1 << PlaceBits;

    private const int PlaceBits = 7;
    private const uint None = uint.MaxValue;

    /// <summary>Returns the number of tokens that remain when no merge is possible.</summary>
    public static int Count(Vocabulary vocabulary, ReadOnlySpan<byte> piece)
    {
        Span<int> tokens = stackalloc int[Longest];
        Span<uint> pairs = stackalloc uint[Longest];
        Span<byte> next = stackalloc byte[Longest];
        Span<byte> before = stackalloc byte[Longest + 1];
        var length = piece.Length;
        for (var i = 0; i < length; i++)
        {
            tokens[i] = vocabulary.OfByte(piece[i]);
            next[i] = (byte)(i + 1);
            before[i + 1] = (byte)i;
        }

        var scanned = pairs[..((length + Vector128<uint>.Count - 1) & -Vector128<uint>.Count)];
        scanned.Fill(None);
        for (var i = 0; i + 1 < length; i++)
            pairs[i] = Pair(vocabulary.Merge(tokens[i], tokens[i + 1]), i);

        var count = length;
        for (uint lowest; (lowest = Lowest(scanned)) != None; count--)
        {
            var at = (int)(lowest & (Longest - 1));
            var right = next[at];
            var end = next[right];
            tokens[at] = (int)(lowest >> PlaceBits);
            pairs[right] = None;
            next[at] = end;
            before[end] = (byte)at;
            pairs[at] = end < length ? Pair(vocabulary.Merge(tokens[at], tokens[end]), at) : None;
            if (at > 0)
                pairs[before[at]] = Pair(vocabulary.Merge(tokens[before[at]], tokens[at]), before[at]);
        }

        return count;
    }

    private static uint Pair(int merged, int place) => merged == MergeTable.None ? None : ((uint)merged << PlaceBits) | (uint)place;

    private static uint Lowest(ReadOnlySpan<uint> pairs)
    {
        var lowest = Vector128.Create(None);
        foreach (var four in MemoryMarshal.Cast<uint, Vector128<uint>>(pairs))
            lowest = Vector128.Min(lowest, four);
        return Math.Min(Math.Min(lowest[0], lowest[1]), Math.Min(lowest[2], lowest[3]));
    }
}
