using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Conversations.Storage;

/// <summary>Writes a message's parts as text and reads them back, for stores that keep text.</summary>
/// <remarks>A message of one text part is that text; anything else is a JSON array of objects with a <c>type</c>. A part of a type that
/// this version doesn't know is read as a <see cref="RawPart"/> and written back to the letter. The text may hold anything, line breaks and NUL included. Stateless, so safe from any thread.</remarks>
public static class MessageContent
{
    private const int MaxDepth = 600;

    private static readonly JsonWriterOptions Writing = new()
    {
        // Nothing here is put into HTML: escape only what JSON must have escaped.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaxDepth,
        SkipValidation = true,
    };

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = MaxDepth };

    /// <summary>Writes the parts of a message.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The format and the text; both are needed to read it.</returns>
    public static (ContentFormat Format, string Text) Write(ConversationMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Parts is [TextPart only])
            return (ContentFormat.Text, only.Text);

        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            json.WriteStartArray();
            foreach (var part in message.Parts)
                WritePart(json, part);
            json.WriteEndArray();
        }

        return (ContentFormat.Json, Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    /// <summary>Reads the parts of a message.</summary>
    /// <param name="format">The format that <see cref="Write"/> gave.</param>
    /// <param name="text">The text that <see cref="Write"/> gave.</param>
    /// <returns>The parts.</returns>
    /// <exception cref="ConversationStoreException">The text is damaged (<c>STORE_CORRUPT</c>).</exception>
    public static IReadOnlyList<ContentPart> Read(ContentFormat format, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (format == ContentFormat.Text)
            return [new TextPart(text)];

        try
        {
            using var document = JsonDocument.Parse(text, Reading);
            var parts = new List<ContentPart>(document.RootElement.GetArrayLength());
            foreach (var part in document.RootElement.EnumerateArray())
                parts.Add(ReadPart(part));
            return parts;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            // The inner message can quote the content, so only its type is told.
            throw new ConversationStoreException(
                ConversationErrorCodes.StoreCorrupt,
                $"The content of a stored message cannot be read ({exception.GetType().Name}).");
        }
    }

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
            default:
                throw new ArgumentException($"There is no format for a {part.GetType().Name}.", nameof(part));
        }

        json.WriteEndObject();
    }

    private static ContentPart ReadPart(JsonElement part) => part.GetProperty("type").GetString() switch
    {
        PartTypes.Text => new TextPart(Text(part, "text")),
        PartTypes.ToolCall => new ToolCallPart(Text(part, "id"), Text(part, "name"), Text(part, "arguments")),
        PartTypes.ToolResult => new ToolResultPart(Text(part, "id"), Text(part, "content"))
        {
            Name = OptionalText(part, "name"),
            IsError = part.TryGetProperty("is_error", out var failed) && failed.GetBoolean(),
        },
        PartTypes.Error => new ErrorPart(Text(part, "message")) { Code = OptionalText(part, "code") },
        _ => new RawPart(part.GetRawText()),
    };

    private static string Text(JsonElement part, string property) =>
        part.GetProperty(property).GetString() ?? throw new JsonException($"The property '{property}' is null.");

    private static string? OptionalText(JsonElement part, string property) =>
        part.TryGetProperty(property, out var value) ? value.GetString() : null;
}
