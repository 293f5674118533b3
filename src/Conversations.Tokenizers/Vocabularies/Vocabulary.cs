namespace Conversations;

/// <summary>The tokens of an encoding, and which two each of them is merged of. Immutable.</summary>
/// <remarks>A token's number is its rank: of all merges that a piece allows, the lowest goes first. Each token has but one pair that it can be merged of:
/// until it is made no merge reaches over its ends, so what happens between them is what happens when its bytes are encoded alone.</remarks>
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

    /// <summary>Whether the first <paramref name="length"/> bytes are a token. The buffer is at least eight bytes long, whatever is in the rest.</summary>
    public bool IsToken(ReadOnlySpan<byte> buffer, int length) => _tokens.Contains(buffer, length);

    /// <summary>How many tokens a piece is merged into.</summary>
    public int CountMerged(ReadOnlySpan<byte> piece) =>
        piece.Length <= ShortMerge.Longest ? ShortMerge.Count(this, piece) : LongMerge.Count(this, piece);

    /// <summary>The token of a single byte.</summary>
    public int OfByte(byte value) => _ofByte[value];

    /// <summary>The token that two merge into, or <see cref="MergeTable.None"/>.</summary>
    public int Merge(int left, int right) => _merges.Find(left, right);

    /// <summary>How many bytes a token has.</summary>
    public int Length(int token) => _lengths[token];
}
