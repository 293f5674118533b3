using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Conversations;

/// <summary>What a model reads of a provider's item: its JSON without protected data, such as encrypted reasoning and search results, for which providers charge nothing or by rules of their own.</summary>
internal static class ReadableJson
{
    // A signature of 48 bytes. Words, names and ids are shorter, or contain other characters.
    private const int ShortestProtected = 64;

    private static readonly SearchValues<char> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=");

    /// <summary>Returns the names and values of a JSON object that a model reads; the text itself if it is not an object.</summary>
    public static string Of(string json) => JsonObjectText.TryRead(json, Text) ?? json;

    private static string Text(JsonElement item)
    {
        var text = new StringBuilder();
        Append(text, item);
        return text.ToString();
    }

    private static void Append(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach (var property in value.EnumerateObject())
                {
                    text.Append('"').Append(property.Name).Append("\":");
                    Append(text, property.Value);
                    text.Append(',');
                }

                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach (var item in value.EnumerateArray())
                {
                    Append(text, item);
                    text.Append(',');
                }

                text.Append(']');
                break;
            case JsonValueKind.String when value.GetString() is var content && IsProtected(content!):
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static bool IsProtected(string content) => content.Length >= ShortestProtected && content.AsSpan().IndexOfAnyExcept(Base64) < 0;
}
