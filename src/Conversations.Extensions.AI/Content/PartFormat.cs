using System.Text.Json;

namespace Conversations;

/// <summary>The format of the parts of this package. All names are stored in databases and never change.</summary>
internal static class PartFormat
{
    /// <summary>The type of the <see cref="RawPart"/> that contains a content.</summary>
    public const string Type = "ai_content";

    /// <summary>The whole JSON of a content: in a <see cref="RawPart"/>, and in the metadata of a call or result of a derived type.</summary>
    public const string Content = "content";

    /// <summary>The arguments of a call without arguments, as distinct from an empty object.</summary>
    public const string NoArguments = "null";

    /// <summary>The property of a part that only the model which wrote it can read. The library defines it.</summary>
    public const string ModelBound = "model_bound";

    /// <summary>Creates a part that contains a content.</summary>
    /// <param name="writeContent">Writes the content.</param>
    /// <param name="isModelBound">Whether only the model that wrote it can read it.</param>
    public static RawPart Wrap(Action<Utf8JsonWriter> writeContent, bool isModelBound = false) =>
        RawPart.OfAdapter($$"""{"type":"{{Type}}",{{(isModelBound ? $"\"{ModelBound}\":true," : "")}}"{{Content}}":{{ContentJson.Text(writeContent)}}}""");

    /// <summary>Returns the content in a part of this package; null if there is none.</summary>
    public static JsonElement? Unwrap(RawPart part) =>
        string.Equals(part.Type, Type, StringComparison.Ordinal) && StoredJson.Parse(part.Json).TryGetProperty(Content, out var content) && content.ValueKind == JsonValueKind.Object
            ? content
            : null;
}
