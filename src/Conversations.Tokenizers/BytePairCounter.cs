using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Conversations;

/// <summary>Splits a text into pieces and counts the tokens of each: one if the piece is a token, otherwise the tokens into which its bytes are merged.</summary>
internal sealed class BytePairCounter<TSplitter>(string encoding) : ITokenCounter
    where TSplitter : struct, ISplitter
{
    /// <summary>The size of the buffer for usual pieces; longer ones use a pooled buffer.</summary>
    private const int UsualPiece = 512;

    private const int BytesPerChar = 3;

    private readonly Lazy<Vocabulary> _vocabulary = new(() => Vocabulary.Load(encoding));

    public string Name => encoding;

    public int Count(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return 0;

        var vocabulary = _vocabulary.Value;
        var classes = CharClasses.Instance;
        Span<byte> buffer = stackalloc byte[UsualPiece];
        var tokens = 0;
        for (var start = 0; start < text.Length;)
        {
            var end = TSplitter.End(text, start, classes);
            var piece = text[start..end];
            tokens = checked(tokens + (piece.Length <= UsualPiece / BytesPerChar ? CountPiece(vocabulary, piece, buffer) : CountLongPiece(vocabulary, piece)));
            start = end;
        }

        return tokens;
    }

    private static int CountPiece(Vocabulary vocabulary, ReadOnlySpan<char> piece, Span<byte> buffer)
    {
        if (Ascii.FromUtf16(piece, buffer, out var length) != OperationStatus.Done)
            Utf8.FromUtf16(piece, buffer, out _, out length);

        return vocabulary.IsToken(buffer, length) ? 1 : vocabulary.CountMerged(buffer[..length]);
    }

    private static int CountLongPiece(Vocabulary vocabulary, ReadOnlySpan<char> piece)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(checked(piece.Length * BytesPerChar));
        try
        {
            return CountPiece(vocabulary, piece, buffer);
        }
        finally
        {
            // Not cleared: text can remain in the pool as in any other buffer of the process.
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
