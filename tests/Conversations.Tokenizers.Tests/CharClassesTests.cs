using System.Text;

namespace Conversations.Tokenizers.Tests;

public sealed class CharClassesTests
{
    // How many code points Unicode 16 has of each: whatever Unicode the runtime knows.
    [Theory]
    [InlineData(nameof(CharClass.Letter), 141_028)]
    [InlineData(nameof(CharClass.Number), 1_911)]
    [InlineData(nameof(CharClass.Space), 25)]
    [InlineData(nameof(CharClass.Newline), 2)]
    [InlineData(nameof(CharClass.Head), 141_271)]
    [InlineData(nameof(CharClass.Tail), 141_640)]
    public void Classes_are_those_of_Unicode_16(string name, int count)
    {
        var value = Enum.Parse<CharClass>(name);

        var found = Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Count(code => CharClasses.Instance.Of(new Rune(code)).Is(value));

        found.Should().Be(count);
    }

    [Fact]
    public void At_returns_how_many_chars_a_code_point_has()
    {
        Lengths("é\U00010D65x").Should().Equal(1, 2, 1);
        Lengths("\uD800x\uDC00\uD83D").Should().Equal(1, 1, 1, 1);
    }

    private static List<int> Lengths(string text)
    {
        var lengths = new List<int>();
        for (int at = 0, length; at < text.Length; at += length)
        {
            CharClasses.Instance.At(text, at, out length);
            lengths.Add(length);
        }

        return lengths;
    }
}
