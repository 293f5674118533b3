namespace Conversations;

/// <summary>The tokens of an encoding, and the two tokens that are merged into each. Immutable.</summary>
/// <remarks>The number of a token is its rank: of all merges that are possible in a piece, the lowest is applied first. Each token results from exactly one pair:
/// before it is merged, no merge crosses its ends, so its bytes are merged as if they were encoded alone.</remarks>
internal sealed class Vocabulary
{
    private readonly TokenTable _tokens;
    private readonly MergeTable _merges;
    private readonly int[] _ofByte;
    private readonly byte[] _lengths;

    private Vocabulary(TokenList list)
    {
        _ofByte = list.OfByte;
        _lengths = list.Lengths;
        _tokens = new TokenTable(list);
        _merges = new MergeTable(list);
    }

    /// <summary>Reads the vocabulary of an encoding.</summary>
    public static Vocabulary Load(string encoding) => new(TokenList.Read(Resource.Read(encoding + ".br")));

    /// <summary>Determines whether the first <paramref name="length"/> bytes are a token. The buffer has at least eight bytes; the rest is ignored.</summary>
    public bool IsToken(ReadOnlySpan<byte> buffer, int length) => _tokens.Contains(buffer, length);

    /// <summary>Returns the number of tokens into which a piece is merged.</summary>
    public int CountMerged(ReadOnlySpan<byte> piece) =>
        piece.Length <= ShortMerge.Longest ? ShortMerge.Count(this, piece) : LongMerge.Count(this, piece);

    /// <summary>Returns the token of a single byte.</summary>
    public int OfByte(byte value) => _ofByte[value];

    /// <summary>Returns the token into which two are merged, or <see cref="MergeTable.None"/>.</summary>
    public int Merge(int left, int right) => _merges.Find(left, right);

    /// <summary>Returns the number of bytes of a token.</summary>
    public int Length(int token) => _lengths[token];
}
