namespace Conversations;

/// <summary>Estimates <c>o200k_base</c> by runs of characters of one class. A word of up to seven letters is a token and takes the space before it along,
/// digits go by threes, marks cling together, a Chinese character is most of a token. The weights were fitted to recorded conversations.</summary>
internal sealed class EstimatedTokenCounter : ITokenCounter
{
    // Sums are in twelfths of a token.
    private const int Token = 12;
    private const int FurtherMark = 4;
    private const int Ideograph = 11;
    private const int OtherLetter = 6;

    private const int LettersPerToken = 8;
    private const int DigitsPerToken = 3;
    private const int SpacesPerToken = 16;
    private const int ControlsPerToken = 8;

    private enum CharClass
    {
        None,
        Control,
        Space,
        Lower,
        Upper,
        Digit,
        Mark,
        Ideograph,
        OtherLetter,
        Surrogate,
    }

    public string Name => "estimate/1";

    public int Count(ReadOnlySpan<char> text)
    {
        var sum = 0L;
        var run = 0;
        var before = CharClass.None;
        foreach (var character in text)
        {
            var current = ClassOf(character);
            run = Continues(before, current) ? run + 1 : 1;
            sum += Weight(current, run);
            before = current;
        }

        return (int)Math.Min((sum + Token - 1) / Token, int.MaxValue);
    }

    /// <summary>A capital goes on as a small letter, but not the other way round: <c>camelCase</c> is two words.</summary>
    private static bool Continues(CharClass before, CharClass current) =>
        before == current || (before == CharClass.Upper && current == CharClass.Lower);

    private static int Weight(CharClass current, int run) => current switch
    {
        CharClass.Lower or CharClass.Upper => run == 1 || run % LettersPerToken == 0 ? Token : 0,
        CharClass.Space => run == 2 || run % SpacesPerToken == 0 ? Token : 0,
        CharClass.Mark => run == 1 ? Token : FurtherMark,
        CharClass.Digit => run % DigitsPerToken == 1 ? Token : 0,
        CharClass.Control => run == 1 || run % ControlsPerToken == 0 ? Token : 0,
        CharClass.Ideograph => Ideograph,
        CharClass.OtherLetter => OtherLetter,
        _ => Token,
    };

    private static CharClass ClassOf(char character) => character switch
    {
        >= 'a' and <= 'z' => CharClass.Lower,
        ' ' => CharClass.Space,
        >= 'A' and <= 'Z' => CharClass.Upper,
        >= '0' and <= '9' => CharClass.Digit,
        < ' ' => CharClass.Control,
        < '\u0080' => CharClass.Mark,
        >= '\uD800' and <= '\uDFFF' => CharClass.Surrogate,
        (>= '\u2E80' and < '\uD800') or (>= '\uF900' and < '\uFB00') or (>= '\uFF00' and < '\uFFF0') => CharClass.Ideograph,
        _ => CharClass.OtherLetter,
    };
}
