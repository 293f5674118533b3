namespace Conversations;

/// <summary>The subexpressions that both encodings have in common.</summary>
internal static class Runs
{
    private const CharClass Word = CharClass.Letter | CharClass.Number;

    private const int LongestNumber = 3;

    /// <summary><c>[^\r\n\p{L}\p{N}]</c>: the prefix of a word.</summary>
    public static bool IsPrefix(CharClass first) => !first.Is(Word | CharClass.Newline);

    /// <summary><c>(?i:'s|'t|'re|'ve|'m|'ll|'d)</c>: returns its end, or <paramref name="start"/> if it does not match there.</summary>
    /// <remarks>Case is ignored as in Unicode: the long s matches s.</remarks>
    public static int Contraction(ReadOnlySpan<char> text, int start)
    {
        if (start + 1 >= text.Length || text[start] != '\'')
            return start;

        var second = start + 2 < text.Length ? (char)(text[start + 2] | 0x20) : '\0';
        return text[start + 1] switch
        {
            's' or 'S' or 'ſ' or 't' or 'T' or 'm' or 'M' or 'd' or 'D' => start + 2,
            'r' or 'R' or 'v' or 'V' when second == 'e' => start + 3,
            'l' or 'L' when second == 'l' => start + 3,
            _ => start,
        };
    }

    /// <summary><c>\p{N}{1,3}</c>, of which the first is known to match.</summary>
    public static int Number(ReadOnlySpan<char> text, int start, CharClasses classes)
    {
        var end = start;
        for (var count = 0; count < LongestNumber && end < text.Length && classes.At(text, end, out var length).Is(CharClass.Number); count++)
            end += length;
        return end;
    }

    /// <summary><c> ?[^\s\p{L}\p{N}]+</c>: returns its end, or <paramref name="start"/> if it does not match there.</summary>
    public static int Marks(ReadOnlySpan<char> text, int start, CharClasses classes)
    {
        var first = text[start] == ' ' ? start + 1 : start;
        var end = first;
        while (end < text.Length && !classes.At(text, end, out var length).Is(Word | CharClass.Space))
            end += length;
        return end > first ? end : start;
    }

    /// <summary><c>\s*[\r\n]+|\s+(?!\S)|\s+</c>, of which the last is known to match: up to the last line break, or all but the last before what follows.</summary>
    public static int Spaces(ReadOnlySpan<char> text, int start, CharClasses classes)
    {
        var afterNewline = start;
        var end = start;
        for (CharClass current; end < text.Length && (current = classes.At(text, end, out _)).Is(CharClass.Space);)
        {
            end++;
            if (current.Is(CharClass.Newline))
                afterNewline = end;
        }

        if (afterNewline > start)
            return afterNewline;

        return end == text.Length || end == start + 1 ? end : end - 1;
    }
}
