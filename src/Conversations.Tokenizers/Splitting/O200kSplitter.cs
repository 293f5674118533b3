namespace Conversations;

/// <summary>Splits as <c>o200k_base</c> does, where H is a word's head <c>[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]</c>, T its tail <c>[\p{Ll}\p{Lm}\p{Lo}\p{M}]</c>
/// and C a contraction <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)</c>:
/// <c>[^\r\n\p{L}\p{N}]?H*T+C?|[^\r\n\p{L}\p{N}]?H+T*C?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.</summary>
internal readonly struct O200kSplitter : ISplitter
{
    public static int End(ReadOnlySpan<char> text, int start, CharClasses classes)
    {
        var first = classes.At(text, start, out var length);
        if (first.Is(CharClass.Number))
            return Runs.Number(text, start, classes);

        var end = Word(text, start, first, length, classes);
        if (end > start)
            return Runs.Contraction(text, end);

        end = Runs.Marks(text, start, classes);
        if (end == start)
            return Runs.Spaces(text, start, classes);

        while (end < text.Length && text[end] is '\r' or '\n' or '/')
            end++;
        return end;
    }

    /// <summary>Returns the end of the word, without a contraction, or <paramref name="start"/> if there is none.</summary>
    private static int Word(ReadOnlySpan<char> text, int start, CharClass first, int length, CharClasses classes)
    {
        // The longest run of heads, and the end of the last head that can be a tail as well.
        var begin = Runs.IsPrefix(first) ? start + length : start;
        var head = begin;
        var both = begin;
        var next = CharClass.None;
        while (head < text.Length)
        {
            next = classes.At(text, head, out length);
            if (!next.Is(CharClass.Head))
                break;
            head += length;
            if (next.Is(CharClass.Tail))
                both = head;
            next = CharClass.None;
        }

        // H*T+: tails follow the heads; otherwise the last heads that can be tails are used; otherwise, without a prefix, the prefix itself is one.
        if (next.Is(CharClass.Tail))
            return Tails(text, head + length, classes);
        if (both > begin)
            return both;
        if (begin > start && first.Is(CharClass.Tail))
            return begin;

        // H+T*: heads alone are left.
        return head > begin ? head : start;
    }

    private static int Tails(ReadOnlySpan<char> text, int start, CharClasses classes)
    {
        var end = start;
        while (end < text.Length && classes.At(text, end, out var length).Is(CharClass.Tail))
            end += length;
        return end;
    }
}
