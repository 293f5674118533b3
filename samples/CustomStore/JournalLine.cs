namespace CustomStore;

/// <summary>A line of the journal: a batch without what only its caller needs, or the deletion of a conversation.</summary>
internal sealed record JournalLine(string? SessionId = null, IReadOnlyList<ConversationWrite>? Writes = null, PointerChange? Pointer = null, string? Deleted = null)
{
    private static readonly JournalJson Json = new(new(JournalJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    public static JournalLine Of(ConversationBatch batch) =>
        new(batch.Scope?.SessionId ?? batch.Conversations[0].Conversation.Conversation.SessionId, batch.Conversations, batch.PointerChange);
    public static JournalLine Parse(ReadOnlySpan<byte> line) => JsonSerializer.Deserialize(line, Json.JournalLine)!;
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json.JournalLine);
}
/// <summary>A message with its parts as text.</summary>
internal sealed record MessageRow(
    string ConversationId, long Position, MessageRole Role, DateTimeOffset CreatedAt, bool IsPartial, ContentFormat Format, string Content,
    long? Run, TokenAmount? Tokens, long? SupersededBy, string? Author);

internal sealed class MessageConverter : JsonConverter<StoredMessage>
{
    public override void Write(Utf8JsonWriter writer, StoredMessage value, JsonSerializerOptions options)
    {
        var ((format, content), id, time) = (MessageContent.Write(value), value.ConversationId, value.CreatedAt!.Value.ToUniversalTime());
        var row = new MessageRow(id, value.Position, value.Role, time, value.IsPartial, format, content, value.RunNumber, value.Tokens, value.SupersededBy, value.AuthorName);
        JsonSerializer.Serialize(writer, row, JournalJson.Default.MessageRow);
    }
    public override StoredMessage Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var row = JsonSerializer.Deserialize(ref reader, JournalJson.Default.MessageRow)!;
        var message = new StoredMessage(row.Role, MessageContent.Read(row.Format, row.Content, out var metadata)) { ConversationId = row.ConversationId, Position = row.Position, Metadata = metadata };
        return message with { RunNumber = row.Run, CreatedAt = row.CreatedAt, IsPartial = row.IsPartial, Tokens = row.Tokens, SupersededBy = row.SupersededBy, AuthorName = row.Author };
    }
}

/// <summary>How lines are written. A property that is missing or unknown is damage: what a reader ignores is lost.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, Converters = [typeof(MessageConverter)], IgnoreReadOnlyProperties = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(JournalLine)), JsonSerializable(typeof(MessageRow))]
internal sealed partial class JournalJson : JsonSerializerContext;
