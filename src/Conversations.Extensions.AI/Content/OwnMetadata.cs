using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Conversations;

/// <summary>What this package keeps in the metadata of a part or message: one property, so that what the host keeps there stands beside it.</summary>
internal static class OwnMetadata
{
    /// <summary>The name of the property. It is part of every database: it never changes.</summary>
    public const string Name = "$ai";

    /// <summary>The object of this package; null if there is none.</summary>
    public static JsonElement? Read(string? metadata) =>
        metadata is not null && JsonElement.Parse(metadata, ContentJson.Reading).TryGetProperty(Name, out var own) && own.ValueKind == JsonValueKind.Object ? own : null;

    /// <summary>Whether something stands in it that this package would not write by itself.</summary>
    public static bool HasOthers(string? metadata) =>
        metadata is not null && JsonElement.Parse(metadata, ContentJson.Reading).EnumerateObject().Any(property => !string.Equals(property.Name, Name, StringComparison.Ordinal));

    /// <summary>Writes metadata. If it became deeper than metadata may be, what is this package's is left out.</summary>
    /// <param name="previous">Metadata of the host, of which all is kept that is not this package's.</param>
    /// <param name="write">Writes the properties of this package's object, if there are any.</param>
    /// <returns>The metadata; null if there is none.</returns>
    public static string? Write(string? previous, Action<Utf8JsonWriter> write)
    {
        var own = Properties(write);
        var metadata = Joined(previous, own);
        return metadata is null || own is null || IsReadable(metadata) ? metadata : Joined(previous, own: null);
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
                foreach (var property in JsonElement.Parse(previous!, ContentJson.Reading).EnumerateObject().Where(property => !string.Equals(property.Name, Name, StringComparison.Ordinal)))
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

    private static bool IsReadable(string metadata)
    {
        try
        {
            JsonElement.Parse(metadata, ContentJson.Reading);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
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
