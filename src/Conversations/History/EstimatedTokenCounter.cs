namespace Conversations;

/// <summary>Estimates <c>o200k_base</c> by runs of characters of one class. A word of up to seven letters is a token and takes the space before it along,
/// digits are counted in groups of three, punctuation is combined, and a Chinese character is most of a token. The weights were fitted to recorded conversations.</summary>
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
        for (var i = 0; i < text.Length;)
        {
            var current = ClassOf(text[i]);
            var end = i + 1;
            if (current == CharClass.Upper)
            {
                // An upper-case letter continues with lower-case letters, but not the other way round: camelCase is two words.
                end = EndOf(text, end, CharClass.Upper);
                end = EndOf(text, end, CharClass.Lower);
            }
            else
            {
                end = EndOf(text, end, current);
            }

            sum += Weight(current, end - i);

            // A single space, as between most words, costs nothing.
            i = end < text.Length - 1 && text[end] == ' ' && text[end + 1] != ' ' ? end + 1 : end;
        }

        return (int)Math.Min((sum + Token - 1) / Token, int.MaxValue);
    }

    /// <summary>Returns the end of a run of characters of one class.</summary>
    private static int EndOf(ReadOnlySpan<char> text, int from, CharClass current)
    {
        // Most characters are lower-case letters.
        if (current == CharClass.Lower)
        {
            while (from < text.Length && (uint)(text[from] - 'a') <= 'z' - 'a')
                from++;
            return from;
        }

        while (from < text.Length && ClassOf(text[from]) == current)
            from++;
        return from;
    }

    /// <summary>Returns the cost of a run: that of its first character, and a cost for each further group of characters.</summary>
    private static long Weight(CharClass current, int run) => current switch
    {
        CharClass.Lower or CharClass.Upper => Token * (1L + (run / LettersPerToken)),
        CharClass.Space => Token * ((run >= 2 ? 1L : 0L) + (run / SpacesPerToken)),
        CharClass.Mark => Token + (FurtherMark * (run - 1L)),
        CharClass.Digit => Token * ((run + DigitsPerToken - 1L) / DigitsPerToken),
        CharClass.Control => Token * (1L + (run / ControlsPerToken)),
        CharClass.Ideograph => (long)Ideograph * run,
        CharClass.OtherLetter => (long)OtherLetter * run,
        _ => (long)Token * run,
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
