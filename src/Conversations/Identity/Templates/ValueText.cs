using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Conversations;

/// <summary>Converts a single value to text: equal values have equal text and different values different text, in every culture.</summary>
internal static class ValueText
{
    /// <summary>The text; <see langword="null"/> if it is no single value. The types are listed, since what else can be written as text may lose something by it.</summary>
    public static string? Of(object value) => value switch
    {
        string text => text,
        JsonElement json => Of(json),
        bool flag => Of(flag),
        char letter => letter.ToString(),
        Enum name => name.ToString(),
        Guid id => id.ToString(),
        Uri address => address.OriginalString,
        DateTime or DateTimeOffset or DateOnly or TimeOnly => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture),
        TimeSpan span => span.ToString("c", CultureInfo.InvariantCulture),
        sbyte or byte or short or ushort or int or uint or long or ulong or nint or nuint or Int128 or UInt128 or BigInteger or decimal or double or float or Half =>
            ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>Why a text cannot stand in a key; <see langword="null"/> if it can.</summary>
    public static string? ProblemOf(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return "is blank";
        if (text.Contains('\0', StringComparison.Ordinal))
            return "holds a NUL character";

        return WellFormed.IsWellFormed(text) ? null : "is not well-formed UTF-16";
    }

    private static string Of(bool flag) => flag ? "true" : "false";

    private static string? Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => json.GetString(),
        JsonValueKind.Number => json.GetRawText(),
        JsonValueKind.True or JsonValueKind.False => Of(json.ValueKind == JsonValueKind.True),
        _ => null,
    };
}
