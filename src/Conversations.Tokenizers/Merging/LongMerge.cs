using System.Buffers;

namespace Conversations;

/// <summary>Merges a piece of any length in n log n, with a heap of pairs in pooled buffers.</summary>
/// <remarks>Each token is stored at its first byte, and its complement at its last byte if it has several, so that its neighbors are
/// found from either side. The heap can contain outdated pairs, which are skipped.</remarks>
internal static class LongMerge
{
    private const int Inside = int.MinValue;

    /// <summary>Returns the number of tokens that remain when no merge is possible.</summary>
    public static int Count(Vocabulary vocabulary, ReadOnlySpan<byte> piece)
    {
        var tokens = ArrayPool<int>.Shared.Rent(piece.Length);
        var heap = new PairHeap(piece.Length);
        try
        {
            for (var i = 0; i < piece.Length; i++)
                tokens[i] = vocabulary.OfByte(piece[i]);
            return Count(vocabulary, tokens.AsSpan(0, piece.Length), ref heap);
        }
        finally
        {
            heap.Dispose();
            ArrayPool<int>.Shared.Return(tokens);
        }
    }

    private static int Count(Vocabulary vocabulary, Span<int> tokens, ref PairHeap heap)
    {
        for (var i = 0; i + 1 < tokens.Length; i++)
            heap.Add(vocabulary.Merge(tokens[i], tokens[i + 1]), i);

        var count = tokens.Length;
        while (heap.TryTake(out var merged, out var at))
        {
            if (tokens[at] < 0)
                continue;

            var right = at + vocabulary.Length(tokens[at]);
            if (right == tokens.Length || vocabulary.Merge(tokens[at], tokens[right]) != merged)
                continue;

            var end = right + vocabulary.Length(tokens[right]);
            tokens[right - 1] = Inside;
            tokens[right] = Inside;
            tokens[at] = merged;
            tokens[end - 1] = ~merged;
            count--;

            if (at > 0)
            {
                var before = tokens[at - 1] < 0 ? ~tokens[at - 1] : tokens[at - 1];
                heap.Add(vocabulary.Merge(before, merged), at - vocabulary.Length(before));
            }

            if (end < tokens.Length)
                heap.Add(vocabulary.Merge(merged, tokens[end]), at);
        }

        return count;
    }
}
