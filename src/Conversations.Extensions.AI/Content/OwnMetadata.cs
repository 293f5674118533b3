using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The metadata of this package in a part or message: a single property, beside the metadata of the host.</summary>
internal static class OwnMetadata
{
    /// <summary>The name of the property. It is stored in databases and never changes.</summary>
    public const string Name = "$ai";

    /// <summary>Returns the object of this package; null if there is none.</summary>
    public static JsonElement? Read(string? metadata) =>
        metadata is not null && StoredJson.Parse(metadata).TryGetProperty(Name, out var own) && own.ValueKind == JsonValueKind.Object ? own : null;

    /// <summary>Determines whether the object contains values that this package does not write.</summary>
    public static bool HasOthers(string? metadata) =>
        metadata is not null && StoredJson.Parse(metadata).EnumerateObject().Any(property => !string.Equals(property.Name, Name, StringComparison.Ordinal));

    /// <summary>Writes metadata. If the result would exceed the depth limit of metadata, the property of this package is omitted.</summary>
    /// <param name="previous">The previous metadata; the properties of the host are kept.</param>
    /// <param name="write">Writes the properties of this package's object, if there are any.</param>
    /// <returns>The metadata; null if there is none.</returns>
    public static string? Write(string? previous, Action<Utf8JsonWriter> write)
    {
        var own = Properties(write);
        var metadata = Joined(previous, own);
        if (metadata is null || own is null || StoredJson.TryParse(metadata, out _))
            return metadata;

        LostValues.Add(typeof(AdditionalPropertiesDictionary));
        return Joined(previous, own: null);
    }

    private static string? Joined(string? previous, ArrayBufferWriter<byte>? own)
    {
        var isKept = HasOthers(previous);
        if (own is null && !isKept)
            return null;

        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, ContentJson.Writing))
        {
            json.WriteStartObject();
            if (isKept)
            {
                foreach (var property in StoredJson.Parse(previous!).EnumerateObject().Where(property => !string.Equals(property.Name, Name, StringComparison.Ordinal)))
                {
                    json.WritePropertyName(property.Name);
                    json.WriteRawValue(property.Value.GetRawText(), skipInputValidation: true);
                }
            }

            if (own is not null)
            {
                json.WritePropertyName(Name);
                json.WriteRawValue(own.WrittenSpan, skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static ArrayBufferWriter<byte>? Properties(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, ContentJson.Writing))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return buffer.WrittenCount > 2 ? buffer : null;
    }
}
