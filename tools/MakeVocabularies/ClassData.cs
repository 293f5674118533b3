using System.Globalization;
using System.Text;
using Conversations;

namespace MakeVocabularies;

/// <summary>Writes ranges of code points as <c>CharClasses</c> reads them: how far each begins after the one before, and its class.</summary>
internal static class ClassData
{
    public static byte[] OfThisRuntime()
    {
        var data = new List<byte>();
        var (before, last) = (0, (CharClass?)null);
        for (var code = 0; code <= 0x10FFFF; code++)
        {
            var current = Rune.IsValid(code) ? ClassOf(new Rune(code)) : CharClass.None;
            if (current == last)
                continue;

            var distance = code - before;
            for (; distance >= 0x80; distance >>= 7)
                data.Add((byte)(distance | 0x80));
            data.Add((byte)distance);
            data.Add((byte)current);
            (before, last) = (code, current);
        }

        return [.. data];
    }

    private static CharClass ClassOf(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        _ when rune.Value is '\r' or '\n' => CharClass.Space | CharClass.Newline,
        _ when Rune.IsWhiteSpace(rune) => CharClass.Space,
        UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharClass.Letter | CharClass.Head,
        UnicodeCategory.LowercaseLetter => CharClass.Letter | CharClass.Tail,
        UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharClass.Letter | CharClass.Head | CharClass.Tail,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => CharClass.Head | CharClass.Tail,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharClass.Number,
        _ => CharClass.None,
    };
}
