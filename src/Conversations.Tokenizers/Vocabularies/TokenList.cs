namespace Conversations;

/// <summary>All tokens of a vocabulary in the order of their ranks, as they are read.</summary>
/// <remarks>The data contains the 256 tokens of one byte, then for each further token the two tokens that are merged into it, both of lower rank: first all the lowest bytes of the
/// left ones, then all their middle and all their highest bytes, and likewise of the right ones. In this order it compresses better than the bytes of the tokens.</remarks>
internal sealed class TokenList
{
    private const int SingleBytes = 256;
    private const int Planes = 3;

    private TokenList(int count)
    {
        Count = count;
        Left = new int[count];
        Right = new int[count];
        Offsets = new int[count + 1];
        Lengths = new byte[count];
    }

    /// <summary>Gets the number of tokens.</summary>
    public int Count { get; }

    /// <summary>Gets the left part of each merged token.</summary>
    public int[] Left { get; }

    /// <summary>Gets the right part of each merged token.</summary>
    public int[] Right { get; }

    /// <summary>Gets where each token begins in <see cref="Bytes"/>, and where the last one ends.</summary>
    public int[] Offsets { get; }

    /// <summary>Gets the number of bytes of each token.</summary>
    public byte[] Lengths { get; }

    /// <summary>Gets the bytes of all tokens, one after the other.</summary>
    public byte[] Bytes { get; private set; } = [];

    /// <summary>Gets the tokens of single bytes.</summary>
    public int[] OfByte { get; } = new int[SingleBytes];

    /// <summary>Gets the first token that is merged from others.</summary>
    public static int FirstMerged => SingleBytes;

    public static TokenList Read(ReadOnlySpan<byte> data)
    {
        var merged = (data.Length - SingleBytes) / (2 * Planes);
        var list = new TokenList(SingleBytes + merged);
        var planes = data[SingleBytes..];
        Read(planes[..(Planes * merged)], list.Left.AsSpan(SingleBytes));
        Read(planes[(Planes * merged)..], list.Right.AsSpan(SingleBytes));
        list.Measure();
        list.Spell(data[..SingleBytes]);
        return list;
    }

    public ReadOnlySpan<byte> BytesOf(int token) => Bytes.AsSpan(Offsets[token]..Offsets[token + 1]);

    private static void Read(ReadOnlySpan<byte> planes, Span<int> tokens)
    {
        var low = planes[..tokens.Length];
        var middle = planes.Slice(tokens.Length, tokens.Length);
        var high = planes.Slice(2 * tokens.Length, tokens.Length);
        for (var i = 0; i < tokens.Length; i++)
            tokens[i] = low[i] | (middle[i] << 8) | (high[i] << 16);
    }

    private void Measure()
    {
        for (var token = 0; token < Count; token++)
        {
            Lengths[token] = token < SingleBytes ? (byte)1 : checked((byte)(Lengths[Left[token]] + Lengths[Right[token]]));
            Offsets[token + 1] = Offsets[token] + Lengths[token];
        }
    }

    private void Spell(ReadOnlySpan<byte> singleBytes)
    {
        Bytes = new byte[Offsets[Count]];
        singleBytes.CopyTo(Bytes);
        for (var token = 0; token < SingleBytes; token++)
            OfByte[singleBytes[token]] = token;
        for (var token = SingleBytes; token < Count; token++)
        {
            var bytes = Bytes.AsSpan(Offsets[token]..Offsets[token + 1]);
            var left = BytesOf(Left[token]);
            left.CopyTo(bytes);
            BytesOf(Right[token]).CopyTo(bytes[left.Length..]);
        }
    }
}
