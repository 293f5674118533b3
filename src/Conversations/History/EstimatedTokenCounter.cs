namespace Conversations;

/// <summary>Estimates <c>o200k_base</c>. A word costs by its pairs of neighbouring letters (<see cref="LetterPairs"/>) or, in other scripts, by its letters, but at least a token;
/// the space before it is free. Digits are counted in groups of three, and punctuation is combined.</summary>
internal sealed class EstimatedTokenCounter : ITokenCounter
{
    // Sums are in twelfths of a token.
    private const int Token = 12;
    private const int LatinWord = 5;
    private const int CyrillicWord = 12;
    private const int UpperCase = 3;
    private const int Accent = 6;
    private const int WithoutSpace = 2;
    private const int FirstLetters = -2;
    private const int FurtherMark = 7;
    private const int MarkOfWord = 6;
    private const int Apostrophe = 2;
    private const int LineEnd = 2;
    private const int Ideograph = 12;
    private const int Hangul = 11;
    private const int Kana = 10;
    private const int WideMark = 4;
    private const int WideLetter = 26;
    private const int Ethiopic = 25;
    private const int ArabicSign = 13;
    private const int HebrewSign = 22;
    private const int TabOfWord = 4;
    private const int RareLetter = 14;
    private const int Surrogate = 14;
    private const int Symbol = 24;

    private const int DigitsPerToken = 3;
    private const int SpacesPerToken = 16;
    private const int ControlsPerToken = 8;

    private enum CharClass
    {
        Control,
        Space,
        Latin,
        Cyrillic,
        Digit,
        Mark,
        WideMark,
        WideLetter,
        Letter,
        RareLetter,
        Ethiopic,
        Ideograph,
        Hangul,
        Kana,
        Surrogate,
        Quotation,
        Symbol,
    }

    public string Name => "estimate/2";

    /// <summary>Gets what a letter of another script costs, for each block of 128 characters from U+0300 on: <c>a</c> is nothing, <c>m</c> a token.</summary>
    private static ReadOnlySpan<byte> Scripts => "ggggfhgiooooggjhoghggjgyttog"u8;

    public int Count(ReadOnlySpan<char> text)
    {
        var sum = 0L;
        for (var i = 0; i < text.Length;)
        {
            var current = ClassOf(text[i]);
            if (current is CharClass.Latin or CharClass.Cyrillic)
            {
                sum += Word(text, i, current == CharClass.Latin, out i);
                continue;
            }

            var start = i;
            i++;
            if (current == CharClass.Space && i < text.Length && text[i] is >= 'a' and <= 'z')
                continue;

            while (i < text.Length && ClassOf(text[i]) == current)
                i++;
            sum += current switch
            {
                CharClass.Space => Spaces(text[i..], i - start),
                CharClass.Mark => Marks(text, start, ref i),
                CharClass.Control => Controls(text, start, i),
                CharClass.Letter => Letters(text[start..i]),
                _ => Others(current, i - start),
            };
        }

        return (int)Math.Min((sum + Token - 1) / Token, int.MaxValue);
    }

    /// <summary>Returns the cost of a word. An upper-case letter continues with lower-case letters, but not the other way round: camelCase is two words.</summary>
    private static int Word(ReadOnlySpan<char> text, int start, bool isLatin, out int end)
    {
        var pairs = isLatin ? LetterPairs.Latin : LetterPairs.Cyrillic;
        var letters = isLatin ? LetterPairs.LatinLetters : LetterPairs.CyrillicLetters;
        var sum = isLatin ? LatinWord : CyrillicWord;
        var row = letters * LetterPairs.IndexOf(text[start], isLatin);
        var wasUpper = IsUpper(text[start]);
        for (end = start + 1; end < text.Length; end++)
        {
            // Most characters are lower-case letters.
            var letter = text[end] - 'a';
            if (!isLatin || (uint)letter > 'z' - 'a')
            {
                letter = LetterPairs.IndexOf(text[end], isLatin);
                if (letter < 0 && text[end] is < '\u0300' or >= '\u0370')
                    break;

                if (letter < 0)
                {
                    sum += Accent;
                    continue;
                }

                if (IsUpper(text[end]))
                {
                    if (!wasUpper)
                        break;

                    sum += UpperCase + pairs[row + letter] - 'a';
                    row = letter * letters;
                    continue;
                }
            }

            wasUpper = false;
            sum += pairs[row + letter] - 'a';
            row = letter * letters;
        }

        return Math.Max(sum, Token) + (start > 0 && LetterPairs.IndexOf(text[start - 1], isLatin: true) >= 0 ? WithoutSpace : 0);
    }

    /// <summary>Returns the cost of spaces: the last one belongs to what follows, unless that is a digit or the end of a line.</summary>
    private static long Spaces(ReadOnlySpan<char> rest, int run)
    {
        var next = rest.IsEmpty ? CharClass.Control : ClassOf(rest[0]);
        var own = next is CharClass.Digit or CharClass.Control ? run : run - 1;
        if (own == 0)
            return 0;

        return Token * ((next == CharClass.Digit && own > 1 ? 2L : 1L) + (own / SpacesPerToken));
    }

    /// <summary>Returns the cost of punctuation. What is next to it without a space is often one token with it: line ends, and the first letters of a word.</summary>
    private static long Marks(ReadOnlySpan<char> text, int start, ref int end)
    {
        var further = FurtherMark * (end - start - 1L);
        if (end == text.Length)
            return Token + further;

        if (further == 0 && start > 0 && text[start] == '\'' && LetterPairs.IndexOf(text[start - 1], isLatin: true) >= 0 && LetterPairs.IndexOf(text[end], isLatin: true) >= 0)
            return Apostrophe;

        if (text[end] is '\n' or '\r')
        {
            while (end < text.Length && text[end] is '\n' or '\r')
                end++;
            return Token + LineEnd + further;
        }

        return further + (text[end] is >= 'a' and <= 'z' && text[end - 1] != '/' ? MarkOfWord : Token);
    }

    /// <summary>Returns the cost of line ends and tabs. Tabs are a token, but the last of them belongs to a word that follows, or is a token by itself.</summary>
    private static long Controls(ReadOnlySpan<char> text, int start, int end)
    {
        var tabs = end;
        while (tabs > start && text[tabs - 1] == '\t')
            tabs--;
        var sum = tabs == start ? 0L : Token * (1L + ((tabs - start) / ControlsPerToken));
        if (tabs == end)
            return sum;

        var others = end - tabs - 1;
        return sum + (others == 0 ? 0 : Token * (1L + (others / ControlsPerToken))) + (end < text.Length && ClassOf(text[end]) == CharClass.Latin ? TabOfWord : Token);
    }

    /// <summary>Returns the cost of a word in a script without pairs.</summary>
    private static long Letters(ReadOnlySpan<char> word)
    {
        var sum = (long)FirstLetters;
        foreach (var letter in word)
        {
            sum += letter switch
            {
                // Signs for vowels, which most texts do without.
                >= '\u0591' and <= '\u05C7' => HebrewSign,
                >= '\u064B' and <= '\u0655' => ArabicSign,
                _ => Scripts[(letter - '\u0300') / 128] - 'a',
            };
        }

        return Math.Max(sum, Token);
    }

    private static long Others(CharClass current, int run) => current switch
    {
        CharClass.Digit => Token * ((run + DigitsPerToken - 1L) / DigitsPerToken),
        CharClass.Quotation => Token + (FurtherMark * (run - 1L)),
        CharClass.WideMark => (long)WideMark * run,
        CharClass.WideLetter => (long)WideLetter * run,
        CharClass.Ethiopic => Token + ((long)Ethiopic * run),
        CharClass.Ideograph => (long)Ideograph * run,
        CharClass.Hangul => (long)Hangul * run,
        CharClass.Kana => (long)Kana * run,
        CharClass.RareLetter => (long)RareLetter * run,
        CharClass.Surrogate => (long)Surrogate * run,
        _ => (long)Symbol * run,
    };

    private static bool IsUpper(char character) => character is (>= 'A' and <= 'Z') or (>= '\u0400' and < '\u0430');

    private static CharClass ClassOf(char character) => character switch
    {
        >= 'a' and <= 'z' => CharClass.Latin,
        ' ' => CharClass.Space,
        >= 'A' and <= 'Z' => CharClass.Latin,
        >= '0' and <= '9' => CharClass.Digit,
        < ' ' => CharClass.Control,
        < '\u0080' => CharClass.Mark,
        _ => ClassBeyondAscii(character),
    };

    private static CharClass ClassBeyondAscii(char character) => character switch
    {
        _ when LetterPairs.IndexOf(character, isLatin: true) >= 0 => CharClass.Latin,
        < '\u0300' => CharClass.Symbol,
        >= '\u0400' and < '\u0530' => CharClass.Cyrillic,
        < '\u1100' => CharClass.Letter,
        >= '\u1200' and < '\u1380' => CharClass.Ethiopic,
        < '\u2000' => CharClass.RareLetter,
        >= '\u2010' and < '\u2030' => CharClass.Quotation,
        < '\u2E80' => CharClass.Symbol,
        < '\u3000' => CharClass.Ideograph,
        < '\u3040' => CharClass.WideMark,
        < '\u3100' => CharClass.Kana,
        < '\uA000' => CharClass.Ideograph,
        < '\uAC00' => CharClass.RareLetter,
        < '\uD800' => CharClass.Hangul,
        < '\uE000' => CharClass.Surrogate,
        < '\uF900' => CharClass.RareLetter,
        < '\uFB00' => CharClass.Ideograph,
        < '\uFE00' => CharClass.RareLetter,
        (>= '\uFF10' and <= '\uFF19') or '\uFF0D' or '\uFF9E' or '\uFF9F' => CharClass.Ideograph,
        (>= '\uFF21' and <= '\uFF3A') or (>= '\uFF41' and <= '\uFF5A') or (>= '\uFF66' and <= '\uFF9D') => CharClass.WideLetter,
        >= '\uFF00' and < '\uFFF0' => CharClass.WideMark,
        _ => CharClass.Symbol,
    };
}
