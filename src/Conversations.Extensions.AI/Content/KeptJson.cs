using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The form of what cannot be represented. JSON that cannot be read is kept, and written back to the letter. A value that cannot be written is replaced by a mark with the name of its type.</summary>
internal sealed class KeptJson
{
    private readonly string _json;

    private KeptJson(string json) => _json = json;

    /// <summary>Returns the JSON of a value that could not be read; null for any other value.</summary>
    public static string? Of(object value) => value switch
    {
        UnknownContent content => content.Json,
        AIAnnotation { RawRepresentation: KeptJson annotation } => annotation._json,
        UnknownRegion region => region.Json,
        _ => null,
    };

    /// <summary>Creates a value of a family that keeps its JSON.</summary>
    public static object Read(JsonElement element, Type root, string? typeName, bool isDamaged, ContentJson contents)
    {
        var json = element.GetRawText();
        if (root == typeof(AnnotatedRegion))
            return new UnknownRegion(json);
        if (root == typeof(AIAnnotation))
        {
            var annotation = BaseOf<AIAnnotation>(element, contents) ?? new AIAnnotation();
            annotation.RawRepresentation = new KeptJson(json);
            return annotation;
        }

        var common = BaseOf<AIContent>(element, contents);
        return new UnknownContent(json, typeName, isDamaged, part: null) { Annotations = common?.Annotations, AdditionalProperties = common?.AdditionalProperties };
    }

    /// <summary>Writes the mark of a value that cannot be written. The mark of a content contains the properties that every content has.</summary>
    public static void WriteLost(Utf8JsonWriter json, object value, ContentJson contents)
    {
        LostValues.Add(value.GetType());

        // Nested values omit these properties: trying them would double the work at every level.
        var mark = Nested.Level < 2 && value is AIContent content
            ? Nested.Try(json, value, inner => WriteMark(inner, value, contents, () => CommonProperties.Write(inner, content.Annotations, content.AdditionalProperties, contents)))
            : null;
        if (mark is not null)
            json.WriteRawValue(mark.WrittenSpan, skipInputValidation: true);
        else
            WriteMark(json, value, contents, writeMore: null);
    }

    private static void WriteMark(Utf8JsonWriter json, object value, ContentJson contents, Action? writeMore)
    {
        json.WriteStartObject();
        if (value is AIContent or AIAnnotation or AnnotatedRegion)
            contents.WriteName(json, value);
        json.WriteString(ContentMarks.Lost, value.GetType().FullName);
        writeMore?.Invoke();
        json.WriteEndObject();
    }

    /// <summary>Creates a value of the base type from the readable properties; null if none is readable.</summary>
    private static T? BaseOf<T>(JsonElement element, ContentJson contents)
        where T : class
    {
        try
        {
            return element.ValueKind == JsonValueKind.Object ? element.Deserialize(contents.ContractOf(typeof(T))) as T : null;
        }
        catch (Exception exception) when (ContentJson.IsOfTheValue(exception))
        {
            return null;
        }
    }

    // A region has no place for what it was read from.
    private sealed class UnknownRegion(string json) : AnnotatedRegion
    {
        public string Json { get; } = json;
    }
}
