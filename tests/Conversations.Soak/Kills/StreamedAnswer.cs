using Conversations.Soak.Checking;

namespace Conversations.Soak.Kills;

/// <summary>A streamed answer: its mark, followed by so much text that it is saved several times during the stream.</summary>
internal static class StreamedAnswer
{
    private const int Pieces = 12;
    private const int PieceLength = 20_000;

    /// <summary>The pieces, as a model would return them.</summary>
    public static async IAsyncEnumerable<string> PiecesOf(Mark mark)
    {
        yield return $"{mark} ";
        for (var piece = 0; piece < Pieces; piece++)
        {
            await Task.Yield();
            yield return new string((char)('a' + piece), PieceLength);
        }
    }

    /// <summary>Whether a text is the beginning of the answer, or all of it.</summary>
    public static bool IsBeginning(Mark mark, string text) =>
        string.Concat([$"{mark} ", .. Enumerable.Range(0, Pieces).Select(piece => new string((char)('a' + piece), PieceLength))]).StartsWith(text, StringComparison.Ordinal);
}
