using System.Text.Json;

namespace Conversations;

/// <summary>The one form of parts as JSON: in stores and for callers. A part is an object with a <c>type</c>; a raw part is its JSON as it is. All names are stored in databases and never change.</summary>
internal static class PartJson
{
    /// <summary>Writes an array of parts.</summary>
    public static void WriteAll(Utf8JsonWriter json, IReadOnlyList<ContentPart> parts)
    {
        json.WriteStartArray();
        foreach (var part in parts)
            Write(json, part);
        json.WriteEndArray();
    }

    /// <summary>Writes the property with the metadata of a message or part.</summary>
    public static void WriteMetadata(Utf8JsonWriter json, string metadata)
    {
        json.WritePropertyName("metadata");
        json.WriteRawValue(metadata, skipInputValidation: true);
    }

    /// <summary>Reads an array of parts. Exceptions of System.Text.Json, and of the parts, mean that it is none, and can quote it.</summary>
    public static List<ContentPart> ReadAll(JsonElement array)
    {
        var parts = new List<ContentPart>(array.GetArrayLength());
        foreach (var part in array.EnumerateArray())
            parts.Add(Read(part));
        return parts.Count > 0 ? parts : throw new JsonException("The content has no parts.");
    }

    /// <summary>Reads the property with the metadata of a message or part; null if there is none.</summary>
    public static string? ReadMetadata(JsonElement owner) =>
        !owner.TryGetProperty("metadata", out var metadata) ? null
        : metadata.ValueKind == JsonValueKind.Object ? metadata.GetRawText()
        : throw new JsonException("The metadata is not an object.");

    /// <summary>Writes a part.</summary>
    public static void Write(Utf8JsonWriter json, ContentPart part)
    {
        if (part is RawPart raw)
        {
            json.WriteRawValue(raw.Json, skipInputValidation: true);
            return;
        }

        json.WriteStartObject();
        switch (part)
        {
            case TextPart text:
                json.WriteString("type", PartTypes.Text);
                json.WriteString("text", text.Text);
                break;
            case ReasoningPart reasoning:
                json.WriteString("type", PartTypes.Reasoning);
                json.WriteString("text", reasoning.Text);
                if (reasoning.ProtectedData is not null)
                    json.WriteString("protected_data", reasoning.ProtectedData);
                break;
            case ToolCallPart call:
                json.WriteString("type", PartTypes.ToolCall);
                json.WriteString("id", call.CallId);
                json.WriteString("name", call.Name);
                json.WriteString("arguments", call.Arguments);
                break;
            case ToolResultPart result:
                json.WriteString("type", PartTypes.ToolResult);
                json.WriteString("id", result.CallId);
                if (result.Name is not null)
                    json.WriteString("name", result.Name);
                json.WriteString("content", result.Content);
                if (result.IsError)
                    json.WriteBoolean("is_error", value: true);
                break;
            case DataPart data:
                WriteData(json, data);
                break;
            case ErrorPart error:
                json.WriteString("type", PartTypes.Error);
                json.WriteString("message", error.Message);
                if (error.Code is not null)
                    json.WriteString("code", error.Code);
                break;
            case ApprovalRequestPart request:
                WriteApproval(json, PartTypes.ApprovalRequest, request.RequestId, request.Json);
                break;
            case ApprovalResponsePart response:
                WriteApproval(json, PartTypes.ApprovalResponse, response.RequestId, response.Json);
                break;
            default:
                throw new ArgumentException($"A part of type {part.GetType().Name} cannot be stored. Use a RawPart.", nameof(part));
        }

        if (part.Metadata is not null)
            WriteMetadata(json, part.Metadata);
        json.WriteEndObject();
    }

    private static void WriteData(Utf8JsonWriter json, DataPart data)
    {
        json.WriteString("type", PartTypes.Data);
        json.WriteString("media_type", data.MediaType);
        if (data.Name is not null)
            json.WriteString("name", data.Name);
        if (data.IsLoaded)
        {
            json.WriteBase64String("data", data.Data.Span);
            return;
        }

        json.WriteString("hash", data.Hash);
        json.WriteNumber("size", data.Size);
        if (data is { Width: { } width, Height: { } height })
        {
            json.WriteNumber("width", width);
            json.WriteNumber("height", height);
        }
    }

    private static void WriteApproval(Utf8JsonWriter json, string type, string requestId, string content)
    {
        json.WriteString("type", type);
        json.WriteString("id", requestId);
        json.WritePropertyName("content");
        json.WriteRawValue(content, skipInputValidation: true);
    }

    /// <summary>Reads a part. Exceptions are those of <see cref="ReadAll"/>.</summary>
    public static ContentPart Read(JsonElement part) => part.GetProperty("type").GetString() switch
    {
        PartTypes.Text => new TextPart(Text(part, "text")) { Metadata = ReadMetadata(part) },
        PartTypes.Reasoning => TryReadReasoning(part) ?? (ContentPart)RawPart.Stored(part.GetRawText(), PartTypes.Reasoning),
        PartTypes.ToolCall => new ToolCallPart(Text(part, "id"), Text(part, "name"), Text(part, "arguments")) { Metadata = ReadMetadata(part) },
        PartTypes.ToolResult => new ToolResultPart(Text(part, "id"), Text(part, "content"))
        {
            Name = OptionalText(part, "name"),
            IsError = part.TryGetProperty("is_error", out var failed) && failed.GetBoolean(),
            Metadata = ReadMetadata(part),
        },
        PartTypes.Data => ReadData(part),
        PartTypes.Error => new ErrorPart(Text(part, "message")) { Code = OptionalText(part, "code"), Metadata = ReadMetadata(part) },
        PartTypes.ApprovalRequest => new ApprovalRequestPart(Text(part, "id"), part.GetProperty("content").GetRawText()) { Metadata = ReadMetadata(part) },
        PartTypes.ApprovalResponse => new ApprovalResponsePart(Text(part, "id"), part.GetProperty("content").GetRawText()) { Metadata = ReadMetadata(part) },
        _ => RawPart.OfAdapter(part.GetRawText()),
    };

    private static DataPart ReadData(JsonElement part)
    {
        var (mediaType, name) = (Text(part, "media_type"), OptionalText(part, "name"));
        var data = part.TryGetProperty("data", out var bytes)
            ? new DataPart(mediaType, bytes.GetBytesFromBase64(), name)
            : DataPart.Beside(mediaType, name, Text(part, "hash"), part.GetProperty("size").GetInt32(), OptionalNumber(part, "width"), OptionalNumber(part, "height"));
        return data with { Metadata = ReadMetadata(part) };
    }

    /// <summary>Reads reasoning that <see cref="Write"/> wrote. A part of this type with other properties comes from another library that stored it as a raw part, and remains one.</summary>
    private static ReasoningPart? TryReadReasoning(JsonElement part)
    {
        var hasType = false;
        string? text = null, protectedData = null, metadata = null;
        foreach (var property in part.EnumerateObject())
        {
            switch (property.Name, property.Value.ValueKind)
            {
                case ("type", _) when !hasType:
                    hasType = true;
                    break;
                case ("text", JsonValueKind.String) when text is null && TryGetText(property.Value) is { } value:
                    text = value;
                    break;
                case ("protected_data", JsonValueKind.String) when protectedData is null && TryGetText(property.Value) is { } value:
                    protectedData = value;
                    break;
                case ("metadata", JsonValueKind.Object) when metadata is null:
                    metadata = property.Value.GetRawText();
                    break;
                default:
                    return null;
            }
        }

        return text is null ? null : new ReasoningPart(text) { ProtectedData = protectedData, Metadata = metadata };
    }

    /// <summary>Returns the text; null if it contains an escaped unpaired surrogate, which this library never writes.</summary>
    private static string? TryGetText(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Text(JsonElement part, string property) =>
        part.GetProperty(property).GetString() ?? throw new JsonException($"The property '{property}' is null.");

    private static string? OptionalText(JsonElement part, string property) =>
        part.TryGetProperty(property, out var value) ? value.GetString() : null;

    private static int? OptionalNumber(JsonElement part, string property) =>
        part.TryGetProperty(property, out var value) ? value.GetInt32() : null;
}
