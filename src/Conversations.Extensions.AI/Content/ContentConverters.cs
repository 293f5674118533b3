using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Writes and reads values of polymorphic types.</summary>
internal sealed class NamedConverter<T>(ContentJson json) : JsonConverter<T>
    where T : class
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        json.Read(JsonElement.ParseValue(ref reader), ContentJson.RootOf(typeToConvert)) as T ?? throw new JsonException("The value has a type that is not allowed here.");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => json.Write(writer, value);
}

/// <summary>Writes and reads additional properties. Strings and Booleans are read as such, all other values as <see cref="JsonElement"/>, so that numbers remain exact.</summary>
internal sealed class PropertiesConverter(ValueConverter values) : JsonConverter<AdditionalPropertiesDictionary>
{
    public override AdditionalPropertiesDictionary Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ValueConverter.Properties(ValueConverter.Object(ref reader));

    public override void Write(Utf8JsonWriter writer, AdditionalPropertiesDictionary value, JsonSerializerOptions options) => values.WriteAll(writer, value);
}

/// <summary>Writes and reads the arguments of a call, which are read as <see cref="JsonElement"/>, as the adapters of providers create them.</summary>
internal sealed class ArgumentsConverter(ValueConverter values) : JsonConverter<IDictionary<string, object?>>
{
    public override IDictionary<string, object?> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Of(ValueConverter.Object(ref reader));

    public override void Write(Utf8JsonWriter writer, IDictionary<string, object?> value, JsonSerializerOptions options) => values.WriteAll(writer, value);

    public static Dictionary<string, object?> Of(JsonElement element)
    {
        var arguments = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
            arguments[property.Name] = property.Value.ValueKind == JsonValueKind.Null ? null : property.Value;
        return arguments;
    }
}
