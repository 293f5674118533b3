using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace Conversations;

/// <summary>Counts with a tokenizer. If the pieces into which it splits a text are known, each is counted by itself and long ones in slices, because tokenizers by byte pairs take
/// quadratic time for a piece, such as a row of spaces or of one letter.</summary>
/// <param name="name">The name of the counter.</param>
/// <param name="create">Creates the tokenizer at the first count.</param>
/// <param name="pieces">Splits a text; null if the tokenizer counts a text as a whole.</param>
internal sealed class TokenizerCounter(string name, Func<Tokenizer> create, PreTokenizer? pieces) : ITokenCounter
{
    private const int LongestSlice = 512;

    private readonly Lazy<Tokenizer> _tokenizer = new(create);

    public string Name { get; } = name;

    public int Count(ReadOnlySpan<char> text) => Count(text, int.MaxValue);

    public int Count(ReadOnlySpan<char> text, int limit)
    {
        if (text.IsEmpty)
            return 0;

        // The library does not count a lone surrogate as the U+FFFD that is sent for it. Decoding replaces them.
        if (text.ContainsAnyInRange('\uD800', '\uDFFF'))
            text = Encoding.Unicode.GetString(MemoryMarshal.AsBytes(text));
        if (pieces is null)
            return _tokenizer.Value.CountTokens(text);

        var tokens = 0;
        foreach (var (offset, length) in pieces.PreTokenize(text))
        {
            for (var piece = text.Slice(offset, length); !piece.IsEmpty;)
            {
                var slice = piece[..SliceOf(piece)];
                tokens = checked(tokens + _tokenizer.Value.CountTokens(slice, considerPreTokenization: false, considerNormalization: false));
                if (tokens > limit)
                    return tokens;
                piece = piece[slice.Length..];
            }
        }

        return tokens;
    }

    private static int SliceOf(ReadOnlySpan<char> piece) =>
        piece.Length <= LongestSlice ? piece.Length
        : char.IsHighSurrogate(piece[LongestSlice - 1]) ? LongestSlice - 1
        : LongestSlice;
}
