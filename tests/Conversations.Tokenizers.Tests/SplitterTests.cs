using System.Text;
using System.Text.RegularExpressions;

namespace Conversations.Tokenizers.Tests;

public sealed partial class SplitterTests
{
    // Of the first plane and of scripts that Unicode has long settled: there .NET's expressions mean the same.
    private static readonly string[] Alphabets =
    [
        "abcxyz", "ABCXYZ", "0123456789", " ", "  \t", "\r\n", " \n", "''''sSdDmMtTlLvVrReE", "!?./-=", "//\n", "äÖßéÉ", "жЖяЯ", "的一是", "ǅʰªºא", "\u0301\u0308\u0903\u20DD",
        "\u00A0\u3000\u2028\u0085\v", "²½Ⅷ٣", "€→“”…\u200B",
    ];

    [Fact]
    public void Pieces_of_o200k_base_are_those_of_the_published_expression()
    {
        foreach (var text in Texts(seed: 30))
            Pieces<O200kSplitter>(text).Should().Equal(O200k().Matches(text).Select(match => match.Value), "of '{0}'", Regex.Escape(text));
    }

    [Fact]
    public void Pieces_of_cl100k_base_are_those_of_the_published_expression()
    {
        foreach (var text in Texts(seed: 31))
            Pieces<Cl100kSplitter>(text).Should().Equal(Cl100k().Matches(text).Select(match => match.Value), "of '{0}'", Regex.Escape(text));
    }

    [Theory]
    [InlineData("x'ſy", "x'ſ|y")]
    [InlineData("𐐀𐐨𐐔𐐯", "𐐀𐐨|𐐔𐐯")]
    [InlineData("𝟏𝟐𝟑𝟒", "𝟏𝟐𝟑|𝟒")]
    [InlineData("!𠀀𠮷!", "!𠀀𠮷|!")]
    [InlineData(" 😀😀a", " 😀😀|a")]
    public void Pieces_have_whole_code_points_of_every_plane(string text, string pieces)
    {
        Pieces<O200kSplitter>(text).Should().Equal(pieces.Split('|'));
    }

    [Fact]
    public void Lone_surrogate_is_a_symbol_and_does_not_include_what_follows()
    {
        Pieces<O200kSplitter>("a\uD800b\uDC00\uD83D1").Should().Equal("a", "\uD800b", "\uDC00\uD83D", "1");
        Pieces<Cl100kSplitter>("a\uD800b\uDC00\uD83D1").Should().Equal("a", "\uD800b", "\uDC00\uD83D", "1");
    }

    private static IEnumerable<string> Texts(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 5_000; i++)
        {
            var chosen = Enumerable.Range(0, 1 + random.Next(4)).Select(_ => Alphabets[random.Next(Alphabets.Length)]).ToArray();
            var text = new StringBuilder();
            for (var length = random.Next(24); length >= 0; length--)
            {
                var alphabet = chosen[random.Next(chosen.Length)];
                text.Append(alphabet[random.Next(alphabet.Length)], random.Next(8) == 0 ? 3 : 1);
            }

            yield return text.ToString();
        }
    }

    private static List<string> Pieces<TSplitter>(string text)
        where TSplitter : struct, ISplitter
    {
        var pieces = new List<string>();
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = TSplitter.End(text, start, CharClasses.Instance);
            pieces.Add(text[start..end]);
        }

        return pieces;
    }

    [GeneratedRegex(@"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant, 5_000)]
    private static partial Regex O200k();

    [GeneratedRegex(@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant, 5_000)]
    private static partial Regex Cl100k();
}
