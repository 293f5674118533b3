using System.Globalization;
using System.Text;

namespace Conversations;

/// <summary>Writes a value so that its end is seen: the character that follows the value does not stand in it, and all else stays readable.</summary>
internal static class KeyValueEscape
{
    /// <summary>Begins an escape.</summary>
    public const char Mark = '%';

    /// <summary>Writes a value.</summary>
    /// <param name="key">What it is written to.</param>
    /// <param name="value">The value; well-formed.</param>
    /// <param name="end">The character that follows the value; any but the mark.</param>
    public static void Append(StringBuilder key, string value, Rune end)
    {
        foreach (var rune in value.EnumerateRunes())
        {
            if (rune == end || rune.Value == Mark)
                AppendEscaped(key, rune);
            else
                key.Append(rune);
        }
    }

    private static void AppendEscaped(StringBuilder key, Rune rune)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var code in bytes[..rune.EncodeToUtf8(bytes)])
            key.Append(CultureInfo.InvariantCulture, $"{Mark}{code:X2}");
    }
}
