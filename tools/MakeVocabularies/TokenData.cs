using System.Text;

namespace MakeVocabularies;

/// <summary>Writes tokens as <c>TokenList</c> reads them: single bytes, then the two tokens that each further one is merged of.</summary>
internal static class TokenData
{
    private const int SingleBytes = 256;

    /// <summary>Makes the data of the lines of a .tiktoken file: a token in base64, a space, its rank.</summary>
    public static byte[] Of(IEnumerable<string> lines)
    {
        // A char a byte.
        var tokens = new List<string>();
        foreach (var line in lines.Where(line => line.Length > 0))
        {
            var fields = line.Split(' ');
            if (!string.Equals(fields[1], $"{tokens.Count}", StringComparison.Ordinal))
                throw new InvalidDataException($"Token {tokens.Count} has the rank {fields[1]}.");
            tokens.Add(Encoding.Latin1.GetString(Convert.FromBase64String(fields[0])));
        }

        var ranks = tokens.Select((token, rank) => (token, rank)).ToDictionary(pair => pair.token, pair => pair.rank, StringComparer.Ordinal);
        var pairs = tokens.Skip(SingleBytes).Select((token, i) => LastMerge(token, SingleBytes + i, ranks)).ToList();
        return
        [
            .. Encoding.Latin1.GetBytes(string.Concat(tokens.Take(SingleBytes))),
            .. Planes([.. pairs.Select(pair => pair.Left)]),
            .. Planes([.. pairs.Select(pair => pair.Right)]),
        ];
    }

    private static IEnumerable<byte> Planes(IReadOnlyList<int> ranks) =>
        Enumerable.Range(0, 3).SelectMany(plane => ranks.Select(rank => (byte)(rank >> (8 * plane))));

    /// <summary>Encodes the bytes of a token by themselves, and returns the last two that are left before they become the token.</summary>
    private static (int Left, int Right) LastMerge(string token, int rank, Dictionary<string, int> ranks)
    {
        var parts = token.Select(letter => letter.ToString()).ToList();
        while (parts.Count > 2)
        {
            var (_, at) = Enumerable.Range(0, parts.Count - 1).Min(i => (ranks.GetValueOrDefault(parts[i] + parts[i + 1], int.MaxValue), i));
            parts[at] += parts[at + 1];
            parts.RemoveAt(at + 1);
            if (!ranks.ContainsKey(parts[at]))
                throw new InvalidDataException($"Token {rank} is not made by merging.");
        }

        var (left, right) = (ranks[parts[0]], ranks[parts[1]]);
        return left < rank && right < rank ? (left, right) : throw new InvalidDataException($"Token {rank} is merged of later ones.");
    }
}
