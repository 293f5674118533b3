using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The properties that every content has: annotations and additional properties.</summary>
internal static class CommonProperties
{
    private const string Annotations = "annotations";
    private const string Additional = "additionalProperties";

    /// <summary>Writes the properties that are set into the current object.</summary>
    public static void Write(Utf8JsonWriter json, IList<AIAnnotation>? annotations, AdditionalPropertiesDictionary? properties, ContentJson contents)
    {
        if (annotations is { Count: > 0 })
        {
            json.WritePropertyName(Annotations);
            json.WriteStartArray();
            foreach (var annotation in annotations.Where(annotation => annotation is not null))
                contents.Write(json, annotation);
            json.WriteEndArray();
        }

        if (properties is { Count: > 0 })
        {
            json.WritePropertyName(Additional);
            contents.Values.WriteAll(json, properties);
        }
    }

    /// <summary>Reads the properties; values that cannot be read are omitted.</summary>
    public static void Read(JsonElement own, AIContent into, ContentJson contents)
    {
        if (own.TryGetProperty(Annotations, out var annotations) && annotations.ValueKind == JsonValueKind.Array)
            into.Annotations = [.. annotations.EnumerateArray().Select(annotation => (AIAnnotation)contents.Read(annotation, typeof(AIAnnotation)))];
        into.AdditionalProperties = ReadAdditional(own);
    }

    /// <summary>Reads additional properties; null if there are none.</summary>
    public static AdditionalPropertiesDictionary? ReadAdditional(JsonElement own) =>
        own.TryGetProperty(Additional, out var properties) && properties.ValueKind == JsonValueKind.Object ? ValueConverter.Properties(properties) : null;
}
