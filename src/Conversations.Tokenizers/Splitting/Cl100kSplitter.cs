namespace Conversations;

/// <summary>Splits as <c>cl100k_base</c> does:
/// <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.</summary>
internal readonly struct Cl100kSplitter : ISplitter
{
    public static int End(ReadOnlySpan<char> text, int start, CharClasses classes)
    {
        var end = Runs.Contraction(text, start);
        if (end > start)
            return end;

        var first = classes.At(text, start, out var length);
        if (first.Is(CharClass.Letter))
            return Letters(text, start + length, classes);
        if (first.Is(CharClass.Number))
            return Runs.Number(text, start, classes);

        end = start + length;
        if (Runs.IsPrefix(first) && Letters(text, end, classes) is var word && word > end)
            return word;

        end = Runs.Marks(text, start, classes);
        if (end == start)
            return Runs.Spaces(text, start, classes);

        while (end < text.Length && text[end] is '\r' or '\n')
            end++;
        return end;
    }

    private static int Letters(ReadOnlySpan<char> text, int start, CharClasses classes)
    {
        var end = start;
        while (end < text.Length && classes.At(text, end, out var length).Is(CharClass.Letter))
            end += length;
        return end;
    }
}
