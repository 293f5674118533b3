using System.Text.Json;

namespace Conversations;

/// <summary>JSON objects that are stored unchanged.</summary>
internal static class JsonObjectText
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 512 };

    /// <summary>Returns the text without leading and trailing white space and with unpaired surrogates replaced, if it is a JSON object.</summary>
    /// <exception cref="ArgumentException">It is not, or is more than 512 levels deep; the parameter is named, the text is not repeated.</exception>
    public static string Of(string? json, string parameter)
    {
        var text = WellFormed.Content(json!, parameter).Trim(' ', '\t', '\r', '\n');
        return TryRead(text, static _ => "") is not null ? text : throw new ArgumentException("The text is not a JSON object.", parameter);
    }

    /// <summary>Returns an object that passes <see cref="Of"/>.</summary>
    public static JsonElement Parse(string text)
    {
        using var document = JsonDocument.Parse(text, Deep);
        return document.RootElement.Clone();
    }

    /// <summary>Reads something of a JSON object; null if it is none, or holds none.</summary>
    public static string? TryRead(string json, Func<JsonElement, string?> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Deep);
            return document.RootElement.ValueKind == JsonValueKind.Object ? read(document.RootElement) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // It can quote the content, so it is not passed on.
            return null;
        }
    }
}
