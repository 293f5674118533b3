using System.Text;

namespace Conversations.Tokenizers.Tests;

/// <summary>The two merge algorithms, compared with the textbook algorithm, which joins the lowest pair of byte strings until there is none.</summary>
public sealed class MergeTests
{
    private static readonly string[] Alphabets = ["ab", "aA", "etaoin ", "的一是不了", "😀🎉❤️", "=-", "\u0301éü", "0123"];

    [Theory]
    [InlineData("o200k_base")]
    [InlineData("cl100k_base")]
    public void Both_merges_give_the_pieces_of_the_textbook_merge(string encoding)
    {
        var vocabulary = Vocabulary.Load(encoding);
        var ranks = Ranks(encoding);
        var random = new Random(20);

        for (var i = 0; i < 250; i++)
        {
            var piece = Piece(random, 1 + random.Next(ShortMerge.Longest));
            var expected = Textbook(ranks, piece);

            ShortMerge.Count(vocabulary, piece).Should().Be(expected, "of {0} in {1}", Convert.ToHexString(piece), encoding);
            LongMerge.Count(vocabulary, piece).Should().Be(expected, "of {0} in {1}", Convert.ToHexString(piece), encoding);
        }
    }

    [Theory]
    [InlineData("o200k_base")]
    [InlineData("cl100k_base")]
    public void Long_pieces_give_the_pieces_of_the_textbook_merge(string encoding)
    {
        var vocabulary = Vocabulary.Load(encoding);
        var ranks = Ranks(encoding);
        var random = new Random(21);

        for (var i = 0; i < 12; i++)
        {
            var piece = Piece(random, ShortMerge.Longest + random.Next(400));

            vocabulary.CountMerged(piece).Should().Be(Textbook(ranks, piece), "of {0} in {1}", Convert.ToHexString(piece), encoding);
        }
    }

    /// <summary>UTF-8 of one of the alphabets, or bytes that are none, cut to a length.</summary>
    private static byte[] Piece(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        if (random.Next(4) == 0)
            return bytes;

        var runes = Alphabets[random.Next(Alphabets.Length)].EnumerateRunes().ToArray();
        var text = string.Concat(Enumerable.Range(0, length).Select(_ => runes[random.Next(runes.Length)].ToString()));
        return Encoding.UTF8.GetBytes(text)[..length];
    }

    private static int Textbook(Dictionary<string, int> ranks, byte[] piece)
    {
        var parts = piece.Select(value => ((char)value).ToString()).ToList();
        while (parts.Count > 1)
        {
            var (rank, at) = Enumerable.Range(0, parts.Count - 1).Min(i => (ranks.GetValueOrDefault(parts[i] + parts[i + 1], int.MaxValue), i));
            if (rank == int.MaxValue)
                break;
            parts[at] += parts[at + 1];
            parts.RemoveAt(at + 1);
        }

        return parts.Count;
    }

    /// <summary>A char a byte.</summary>
    private static Dictionary<string, int> Ranks(string encoding)
    {
        var list = TokenList.Read(Resource.Read(encoding + ".br"));
        return Enumerable.Range(0, list.Count).ToDictionary(token => Encoding.Latin1.GetString(list.BytesOf(token)), token => token, StringComparer.Ordinal);
    }
}
