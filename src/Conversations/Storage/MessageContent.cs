using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Conversations.Storage;

/// <summary>Converts the parts and metadata of a message to text and back, for stores that keep text.</summary>
/// <remarks>A message with a single text part is written as that text. Any other message is written as a JSON array of objects with a <c>type</c>; if the message has metadata, as an object with both. A part whose type
/// this version does not know is read as a <see cref="RawPart"/> and written back unchanged. Damaged content is read as an <see cref="ErrorPart"/> and does not affect other messages. The text can contain any character, line breaks and NUL included. Thread-safe.</remarks>
public static class MessageContent
{
    private const int MaxDepth = 600;

    private static readonly JsonWriterOptions Writing = new()
    {
        // The text is never embedded in HTML, so only what JSON requires is escaped.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaxDepth,
        SkipValidation = true,
    };

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = MaxDepth };

    /// <summary>Gets the part that replaces the content of a message that was not read because it exceeds the token limit by itself: an <see cref="ErrorPart"/> with the code <c>CONTENT_OMITTED</c>.</summary>
    public static ContentPart Omitted { get; } = new ErrorPart("The content of this message was not read, because it exceeds the token limit by itself.") { Code = ConversationErrorCodes.ContentOmitted };

    /// <summary>Gets the part that replaces the content of a damaged message: an <see cref="ErrorPart"/> with the code <c>STORE_CORRUPT</c>, which prompts do not show.
    /// <see cref="Read"/> returns it. A store that finds the role or the time of a message damaged replaces all parts with it.</summary>
    public static ContentPart Damaged { get; } = new ErrorPart("The content of this message is damaged and cannot be read.") { Code = ConversationErrorCodes.StoreCorrupt };

    /// <summary>Returns a message with <see cref="Omitted"/> in place of its content, for a store that keeps messages in memory.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The message without its parts and metadata.</returns>
    public static StoredMessage WithoutContent(StoredMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message with { Parts = [Omitted], Metadata = null, Tokens = message.Tokens };
    }

    /// <summary>Writes the parts and the metadata of a message.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The format and the text, which <see cref="Read"/> needs.</returns>
    public static (ContentFormat Format, string Text) Write(ConversationMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message is { Metadata: null, OnlyPart: TextPart { Metadata: null } only })
            return (ContentFormat.Text, only.Text);

        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            if (message.Metadata is null)
            {
                WriteParts(json, message.Parts);
            }
            else
            {
                json.WriteStartObject();
                WriteMetadata(json, message.Metadata);
                json.WritePropertyName("parts");
                WriteParts(json, message.Parts);
                json.WriteEndObject();
            }
        }

        return (message.Metadata is null ? ContentFormat.Json : ContentFormat.JsonWithMetadata, Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    /// <summary>Reads the parts and the metadata of a message.</summary>
    /// <param name="format">The format that <see cref="Write"/> returned. An undefined value counts as damage.</param>
    /// <param name="text">The text that <see cref="Write"/> returned.</param>
    /// <param name="metadata">The metadata; <see langword="null"/> if there is none.</param>
    /// <returns>The parts; if the content is damaged, only <see cref="Damaged"/>.</returns>
    public static IReadOnlyList<ContentPart> Read(ContentFormat format, string text, out string? metadata)
    {
        ArgumentNullException.ThrowIfNull(text);
        metadata = null;
        if (format == ContentFormat.Text)
            return [new TextPart(text)];
        if (format is not (ContentFormat.Json or ContentFormat.JsonWithMetadata))
            return [Damaged];

        try
        {
            using var document = JsonDocument.Parse(text, Reading);
            var root = document.RootElement;
            var hasMetadata = format == ContentFormat.JsonWithMetadata;
            var parts = ReadParts(hasMetadata ? root.GetProperty("parts") : root);
            metadata = hasMetadata && ReadMetadata(root) is { } json ? JsonObjectText.Of(json, nameof(text)) : null;
            return parts;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            // The exception can quote the content, so it is not passed on.
            return [Damaged];
        }
    }

    private static void WriteParts(Utf8JsonWriter json, IReadOnlyList<ContentPart> parts)
    {
        json.WriteStartArray();
        foreach (var part in parts)
            WritePart(json, part);
        json.WriteEndArray();
    }

    private static void WriteMetadata(Utf8JsonWriter json, string metadata)
    {
        json.WritePropertyName("metadata");
        json.WriteRawValue(metadata, skipInputValidation: true);
    }

    private static List<ContentPart> ReadParts(JsonElement array)
    {
        var parts = new List<ContentPart>(array.GetArrayLength());
        foreach (var part in array.EnumerateArray())
            parts.Add(ReadPart(part));
        return parts.Count > 0 ? parts : throw new JsonException("The content has no parts.");
    }

    private static string? ReadMetadata(JsonElement owner) =>
        !owner.TryGetProperty("metadata", out var metadata) ? null
        : metadata.ValueKind == JsonValueKind.Object ? metadata.GetRawText()
        : throw new JsonException("The metadata is not an object.");

    private static void WritePart(Utf8JsonWriter json, ContentPart part)
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

    private static void WriteApproval(Utf8JsonWriter json, string type, string requestId, string content)
    {
        json.WriteString("type", type);
        json.WriteString("id", requestId);
        json.WritePropertyName("content");
        json.WriteRawValue(content, skipInputValidation: true);
    }

    private static ContentPart ReadPart(JsonElement part) => part.GetProperty("type").GetString() switch
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
        PartTypes.Error => new ErrorPart(Text(part, "message")) { Code = OptionalText(part, "code"), Metadata = ReadMetadata(part) },
        PartTypes.ApprovalRequest => new ApprovalRequestPart(Text(part, "id"), part.GetProperty("content").GetRawText()) { Metadata = ReadMetadata(part) },
        PartTypes.ApprovalResponse => new ApprovalResponsePart(Text(part, "id"), part.GetProperty("content").GetRawText()) { Metadata = ReadMetadata(part) },
        _ => RawPart.OfAdapter(part.GetRawText()),
    };

    /// <summary>Reads reasoning that <see cref="WritePart"/> wrote. A part of this type with other properties comes from another library that stored it as a raw part, and remains one.</summary>
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
}
