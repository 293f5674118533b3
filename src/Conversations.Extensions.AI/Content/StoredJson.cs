using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Conversations;

/// <summary>Parses JSON of a part. An escaped unpaired surrogate is well-formed JSON that cannot be read as text (a model that was cut off within an emoji writes it),
/// so it is replaced by U+FFFD, as in all content.</summary>
internal static class StoredJson
{
    private const int EscapeLength = 6;

    /// <summary>Parses JSON.</summary>
    /// <exception cref="JsonException">The text is not valid JSON.</exception>
    public static JsonElement Parse(string json) => JsonElement.Parse(Repaired(json), ContentJson.Reading);

    /// <summary>Parses text that may not be JSON.</summary>
    public static bool TryParse(string text, out JsonElement element)
    {
        try
        {
            element = Parse(text);
            return true;
        }
        catch (JsonException)
        {
            element = default;
            return false;
        }
    }

    /// <summary>Returns the element with all of its text readable.</summary>
    public static JsonElement Repaired(JsonElement element)
    {
        var raw = JsonMarshal.GetRawUtf8Value(element);
        return raw.IndexOf("\\ud"u8) < 0 && raw.IndexOf("\\uD"u8) < 0 ? element : Parse(element.GetRawText());
    }

    private static string Repaired(string json)
    {
        if (!json.Contains("\\ud", StringComparison.OrdinalIgnoreCase))
            return json;

        var repaired = new StringBuilder(json.Length);
        for (var index = 0; index < json.Length;)
        {
            var length = json[index] != '\\' ? 1 : Escaped(json, index) is not { } letter ? 2
                : char.IsHighSurrogate(letter) && Escaped(json, index + EscapeLength) is { } next && char.IsLowSurrogate(next) ? 2 * EscapeLength
                : EscapeLength;
            if (length == EscapeLength && char.IsSurrogate(Escaped(json, index)!.Value))
                repaired.Append("\\ufffd");
            else
                repaired.Append(json, index, Math.Min(length, json.Length - index));
            index += length;
        }

        return repaired.ToString();
    }

    /// <summary>Returns the UTF-16 code unit that is escaped at the index; null if none is.</summary>
    private static char? Escaped(string json, int index) =>
        index + EscapeLength <= json.Length && json[index] == '\\' && json[index + 1] == 'u'
        && ushort.TryParse(json.AsSpan(index + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;
}
