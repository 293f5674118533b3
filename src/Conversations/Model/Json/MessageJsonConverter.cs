using System.Text.Json;
using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>Writes messages and parts as JSON and reads them, whole and without reflection. The types name it, so nothing has to be registered.</summary>
/// <remarks>
/// <para>A part is an object with a <c>type</c>, in the form in which it is stored (<c>tool_call</c>, <c>is_error</c>); a part of an unknown type is a <see cref="RawPart"/> and is written to the letter. The bytes of a <see cref="DataPart"/>
/// are base64 if they are loaded. A message that has a position is read as a <see cref="StoredMessage"/>. What is not a message or part is a <see cref="JsonException"/> that does not quote it.</para>
/// <para>The JSON states who wrote a message and what a tool returned: read only what you trust. What a user sends is text.</para>
/// <para>Parts and metadata can be 512 levels deep. To read more than 64, set <see cref="JsonSerializerOptions.MaxDepth"/>.</para>
/// </remarks>
public sealed class MessageJsonConverter : JsonConverterFactory
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => Create(typeToConvert) is not null;

    /// <inheritdoc/>
    public override JsonConverter? CreateConverter(Type typeToConvert, JsonSerializerOptions options) => Create(typeToConvert);

    private static JsonConverter? Create(Type type) =>
        type == typeof(StoredMessage) ? new Converter<StoredMessage>(MessageJson.Write, MessageJson.Read)
        : type == typeof(ConversationMessage) ? new Converter<ConversationMessage>(MessageJson.Write, MessageJson.Read)
        : type == typeof(ContentPart) ? OfPart<ContentPart>()
        : type == typeof(TextPart) ? OfPart<TextPart>()
        : type == typeof(ReasoningPart) ? OfPart<ReasoningPart>()
        : type == typeof(ToolCallPart) ? OfPart<ToolCallPart>()
        : type == typeof(ToolResultPart) ? OfPart<ToolResultPart>()
        : type == typeof(DataPart) ? OfPart<DataPart>()
        : type == typeof(ErrorPart) ? OfPart<ErrorPart>()
        : type == typeof(ApprovalRequestPart) ? OfPart<ApprovalRequestPart>()
        : type == typeof(ApprovalResponsePart) ? OfPart<ApprovalResponsePart>()
        : type == typeof(RawPart) ? OfPart<RawPart>()
        : null;

    private static Converter<T> OfPart<T>()
        where T : ContentPart => new(PartJson.Write, PartJson.Read);

    private sealed class Converter<T>(Action<Utf8JsonWriter, T> write, Func<JsonElement, object> read) : JsonConverter<T>
        where T : class
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TryRead(JsonElement.ParseValue(ref reader)) ?? throw new JsonException($"The JSON is not a {typeof(T).Name}.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => write(writer, value);

        private T? TryRead(JsonElement element)
        {
            try
            {
                return read(element) as T;
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException or FormatException)
            {
                // The exception can quote the content, so it is not passed on.
                return null;
            }
        }
    }
}
