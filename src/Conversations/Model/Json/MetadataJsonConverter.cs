using System.Text.Json;
using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>Writes metadata as the JSON object that it is, to the letter, and reads it. The properties name it, so nothing has to be registered.</summary>
public sealed class MetadataJsonConverter : JsonConverter<string>
{
    /// <inheritdoc/>
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var element = JsonElement.ParseValue(ref reader);
        return element.ValueKind == JsonValueKind.Object ? element.GetRawText() : throw new JsonException("The metadata is not an object.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteRawValue(value, skipInputValidation: true);
    }
}
