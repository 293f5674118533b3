using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Conversations.Storage;

/// <summary>Converts the parts and metadata of a message to text and back, for stores that keep text.</summary>
/// <remarks>A message with a single text part is written as that text. Any other message is written as a JSON array of objects with a <c>type</c>; if the message has metadata, as an object with both. The bytes of a <see cref="DataPart"/> are written as base64, unless they are kept beside the message. A part whose type
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
                PartJson.WriteAll(json, message.Parts);
            }
            else
            {
                json.WriteStartObject();
                PartJson.WriteMetadata(json, message.Metadata);
                json.WritePropertyName("parts");
                PartJson.WriteAll(json, message.Parts);
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
            var parts = PartJson.ReadAll(hasMetadata ? root.GetProperty("parts") : root);
            metadata = hasMetadata && PartJson.ReadMetadata(root) is { } json ? JsonObjectText.Of(json, nameof(text)) : null;
            return parts;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException or FormatException)
        {
            // The exception can quote the content, so it is not passed on.
            return [Damaged];
        }
    }
}
