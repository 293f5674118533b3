using System.Buffers;
using System.Text;

namespace Conversations;

/// <summary>The rules for text: names, keys and ids are refused unless well formed; content is repaired.</summary>
internal static class WellFormed
{
    /// <summary>The greatest length of a name, a key or an id, in UTF-16 code units.</summary>
    public const int LongestKey = 1_024;

    /// <summary>The greatest length of a title, in UTF-16 code units.</summary>
    public const int LongestTitle = 1_000;

    /// <summary>The greatest length of a comment, in UTF-16 code units.</summary>
    public const int LongestComment = 4_000;

    /// <summary>Returns <paramref name="value"/> if it may be a name, a key or an id: neither empty nor blank nor too long, no NUL, well-formed UTF-16.</summary>
    /// <exception cref="ArgumentException">It may not; the parameter is named, the value is not repeated.</exception>
    public static string Key(string? value, string parameter)
    {
        ArgumentNullException.ThrowIfNull(value, parameter);
        CheckLength(value, LongestKey, parameter);
        ArgumentException.ThrowIfNullOrWhiteSpace(value, parameter);
        if (value.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("The text contains a NUL character (U+0000). Remove it.", parameter);

        return IsWellFormed(value) ? value : throw new ArgumentException("The text is not well-formed UTF-16: it contains an unpaired surrogate. Remove it.", parameter);
    }

    /// <summary>Returns <paramref name="value"/> if it is <see langword="null"/> or passes <see cref="Key"/>.</summary>
    public static string? OptionalKey(string? value, string parameter) => value is null ? null : Key(value, parameter);

    /// <summary>Returns the text with every lone surrogate replaced by U+FFFD; the same instance if there is none.</summary>
    public static string Content(string value, string parameter)
    {
        ArgumentNullException.ThrowIfNull(value, parameter);
        return IsWellFormed(value) ? value : Repair(value);
    }

    /// <summary>Whether every surrogate has its other half.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> value)
    {
        while (true)
        {
            var next = value.IndexOfAnyInRange('\uD800', '\uDFFF');
            if (next < 0)
                return true;
            if (Rune.DecodeFromUtf16(value[next..], out _, out var consumed) != OperationStatus.Done)
                return false;
            value = value[(next + consumed)..];
        }
    }

    /// <summary>A name, key or id as it may stand in a message that goes to a log: not endless, and without line breaks.</summary>
    public static string Quote(string value)
    {
        const int Longest = 100;
        var shown = value.Length <= Longest ? value : value[..Longest] + "…";
        return shown.Any(char.IsControl) ? string.Concat(shown.Select(letter => char.IsControl(letter) ? '?' : letter)) : shown;
    }

    /// <summary>Returns the text as <see cref="Content"/> does, if it may be the name of something that others have named: not too long.</summary>
    public static string Name(string value, string parameter)
    {
        ArgumentNullException.ThrowIfNull(value, parameter);
        CheckLength(value, LongestKey, parameter);
        return Content(value, parameter);
    }

    /// <summary>Returns the text as <see cref="Content"/> and <see cref="OfOneLine"/> do, if it may be a title: neither empty nor blank nor too long.</summary>
    public static string Title(string value, string parameter)
    {
        ArgumentNullException.ThrowIfNull(value, parameter);
        CheckLength(value, LongestTitle, parameter);
        var title = OfOneLine(value);
        ArgumentException.ThrowIfNullOrWhiteSpace(title, parameter);
        return Content(title, parameter);
    }

    /// <summary>Returns the text as <see cref="Content"/> does, if it may be a comment: not too long. A blank one is none.</summary>
    public static string? Comment(string? value, string parameter)
    {
        if (string.IsNullOrWhiteSpace(value))
            return null;

        CheckLength(value, LongestComment, parameter);
        return Content(value, parameter);
    }

    /// <summary>Returns the text with control characters and separators of lines and paragraphs replaced by spaces, and without the characters that change the direction of text: in a list, a title must not change what is around it.</summary>
    public static string OfOneLine(string value) =>
        value.Any(static letter => BreaksLine(letter) || ChangesDirection(letter))
            ? string.Concat(value.Where(static letter => !ChangesDirection(letter)).Select(static letter => BreaksLine(letter) ? ' ' : letter)).Trim()
            : value;

    private static bool BreaksLine(char letter) => char.IsControl(letter) || letter is '\u2028' or '\u2029';

    private static bool ChangesDirection(char letter) => letter is '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    private static void CheckLength(string value, int longest, string parameter)
    {
        if (value.Length > longest)
            throw new ArgumentException(FormattableString.Invariant($"The text has {value.Length} characters, and at most {longest} are allowed. Shorten it."), parameter);
    }

    private static string Repair(string value)
    {
        var repaired = new StringBuilder(value.Length);
        foreach (var rune in value.EnumerateRunes())
            repaired.Append(rune);
        return repaired.ToString();
    }
}
