using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Writes values of any type by what they are at run time. One that cannot be written harms no other: a mark with the name of its type stands in its place.</summary>
internal sealed class ValueConverter(ContentJson json) : JsonConverter<object>
{
    // What is written at the moment. Serialization does not leave its thread.
    [ThreadStatic]
    private static bool _isTrying;

    /// <summary>Whether a value is being written that is given up as a whole if any of it cannot be written. Trying again within would take for ever in a cycle of two ways.</summary>
    public static bool IsTrying => _isTrying;

    public override bool HandleNull => true;

    public override object? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? null : JsonElement.ParseValue(ref reader);

    public override void Write(Utf8JsonWriter writer, object? value, JsonSerializerOptions options)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case JsonElement { ValueKind: JsonValueKind.Undefined }:
                writer.WriteNullValue();
                break;
            case JsonElement element:
                element.WriteTo(writer);
                break;
            case AIContent content:
                json.Write(writer, content);
                break;
            case IEnumerable<AIContent> contents:
                writer.WriteStartArray();
                foreach (var content in contents)
                    Write(writer, content, options);
                writer.WriteEndArray();
                break;
            default:
                if (value.GetType() == typeof(object))
                    throw new JsonException("It has no value.");
                JsonSerializer.Serialize(writer, value, json.ContractOf(value.GetType()));
                break;
        }
    }

    /// <summary>Writes a value, or the mark of it.</summary>
    public void WriteOrMark(Utf8JsonWriter writer, object? value)
    {
        if (_isTrying)
        {
            Write(writer, value, json.Options);
            return;
        }

        var written = Try(inner => Write(inner, value, json.Options));
        if (written is not null)
        {
            writer.WriteRawValue(written.WrittenSpan, skipInputValidation: true);
        }
        else
        {
            writer.WriteStartObject();
            writer.WriteString(Marks.Lost, value?.GetType().FullName);
            writer.WriteEndObject();
        }
    }

    /// <summary>Writes named values, each as <see cref="WriteOrMark"/> does.</summary>
    public void WriteAll(Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, object?>> values)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in values)
        {
            writer.WritePropertyName(name);
            WriteOrMark(writer, value);
        }

        writer.WriteEndObject();
    }

    /// <summary>What was written; null if something in it could not be.</summary>
    public static ArrayBufferWriter<byte>? Try(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var wasTrying = _isTrying;
        _isTrying = true;
        try
        {
            using var writer = new Utf8JsonWriter(buffer, ContentJson.Writing);
            write(writer);
            writer.Flush();
            return buffer;
        }
        catch (Exception exception) when (ContentJson.IsOfTheValue(exception))
        {
            // What is thrown by whatever the host put in can quote it, so it is not passed on.
            return null;
        }
        finally
        {
            _isTrying = wasTrying;
        }
    }

    /// <summary>The object that the reader stands at.</summary>
    public static JsonElement Object(ref Utf8JsonReader reader)
    {
        var element = JsonElement.ParseValue(ref reader);
        return element.ValueKind == JsonValueKind.Object ? element : throw new JsonException("It is no object.");
    }

    /// <summary>Text and truth values as such, anything else as it is.</summary>
    public static object? Plain(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null => null,
        _ => element,
    };
}
