using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Writes values by their runtime types. A value that cannot be written does not affect others: it is replaced by a mark with the name of its type.</summary>
internal sealed class ValueConverter(ContentJson json) : JsonConverter<object>
{
    public override bool HandleNull => true;

    public override object? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? null : JsonElement.ParseValue(ref reader);

    /// <summary>Writes a value, or its mark.</summary>
    public override void Write(Utf8JsonWriter writer, object? value, JsonSerializerOptions options) => Write(writer, value);

    /// <summary>Writes a value, or its mark.</summary>
    public void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null or JsonElement { ValueKind: JsonValueKind.Undefined }:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case AIContent content:
                json.Write(writer, content);
                break;
            default:
                if (Nested.Try(writer, value, inner => WriteWhole(inner, value)) is { } written)
                    writer.WriteRawValue(written.WrittenSpan, skipInputValidation: true);
                else
                    KeptJson.WriteLost(writer, value, json);
                break;
        }
    }

    /// <summary>Writes named values, each or its mark.</summary>
    public void WriteAll(Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, object?>> values)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in values)
        {
            writer.WritePropertyName(name);
            Write(writer, value);
        }

        writer.WriteEndObject();
    }

    private void WriteWhole(Utf8JsonWriter writer, object value)
    {
        switch (value)
        {
            case JsonElement element:
                StoredJson.Repaired(element).WriteTo(writer);
                break;
            case IEnumerable<AIContent> contents:
                writer.WriteStartArray();
                foreach (var content in contents)
                    Write(writer, content);
                writer.WriteEndArray();
                break;
            case var _ when value.GetType() == typeof(object):
                // The contract of object leads back to this converter.
                throw new NotSupportedException("A value of type System.Object cannot be written.");
            default:
                JsonSerializer.Serialize(writer, value, json.ContractOf(value.GetType()));
                break;
        }
    }

    /// <summary>Returns the object at the position of the reader.</summary>
    public static JsonElement Object(ref Utf8JsonReader reader)
    {
        var element = JsonElement.ParseValue(ref reader);
        return element.ValueKind == JsonValueKind.Object ? element : throw new JsonException("The value is not an object.");
    }

    /// <summary>Returns additional properties: strings and Booleans as such, and any other value as JSON.</summary>
    public static AdditionalPropertiesDictionary Properties(JsonElement element)
    {
        var properties = new AdditionalPropertiesDictionary();
        foreach (var property in element.EnumerateObject())
            properties[property.Name] = Plain(property.Value);
        return properties;
    }

    private static object? Plain(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null => null,
        _ => element,
    };
}
