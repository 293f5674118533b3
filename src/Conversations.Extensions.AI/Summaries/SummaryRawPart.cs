using System.Text.Json;

namespace Conversations;

/// <summary>Names what a part is that the library doesn't know, without what is in it.</summary>
internal static class SummaryRawPart
{
    private static readonly string[] Kinds = ["mediaType", "media_type", "$type"];

    /// <summary>The media type if the part tells one, and else its type.</summary>
    public static string KindOf(RawPart part)
    {
        try
        {
            using var json = JsonDocument.Parse(part.Json, new JsonDocumentOptions { MaxDepth = 512 });
            return Find(json.RootElement, depth: 0) ?? part.Type;
        }
        catch (JsonException)
        {
            return part.Type;
        }
    }

    private static string? Find(JsonElement element, int depth)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return null;

        foreach (var kind in Kinds)
        {
            if (element.TryGetProperty(kind, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= 100 } text)
                return text;
        }

        // Those that wrap a content hold it one level down.
        return depth > 0 ? null : element.EnumerateObject().Select(property => Find(property.Value, depth + 1)).FirstOrDefault(static found => found is not null);
    }
}
