using System.Text.Json;
using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>Writes a scope as its session id and reads it. The type names it, so nothing has to be registered.</summary>
public sealed class ScopeJsonConverter : JsonConverter<ConversationScope>
{
    /// <inheritdoc/>
    public override ConversationScope Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && SessionIdFormat.Read(reader.GetString()!) is { } scope ? scope : throw new JsonException("The JSON is not a session id.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ConversationScope value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStringValue(value.SessionId);
    }
}
