using System.Text.Json;

namespace Conversations;

/// <summary>Messages as JSON, whole. What is derived (id, kind, run id) is written for readers, and not read.</summary>
internal static class MessageJson
{
    private const string Role = "role";
    private const string AuthorName = "authorName";
    private const string Parts = "parts";
    private const string CreatedAt = "createdAt";
    private const string IsPartial = "isPartial";
    private const string Tokens = "tokens";
    private const string Count = "count";
    private const string Counter = "counter";
    private const string ConversationId = "conversationId";
    private const string Position = "position";
    private const string RunNumber = "runNumber";
    private const string SupersededBy = "supersededBy";

    public static void Write(Utf8JsonWriter json, ConversationMessage message)
    {
        json.WriteStartObject();
        var stored = message as StoredMessage;
        if (message.Id is { } id)
            json.WriteString("id", id);
        if (stored is not null)
        {
            json.WriteString(ConversationId, stored.ConversationId);
            json.WriteNumber(Position, stored.Position);
        }

        json.WriteString(Role, message.Role.ToString());
        json.WriteString("kind", message.Kind.ToString());
        if (message.AuthorName is not null)
            json.WriteString(AuthorName, message.AuthorName);
        json.WritePropertyName(Parts);
        PartJson.WriteAll(json, message.Parts);
        if (message.Metadata is not null)
            PartJson.WriteMetadata(json, message.Metadata);
        if (message.CreatedAt is { } createdAt)
            json.WriteString(CreatedAt, createdAt);
        if (message.IsPartial)
            json.WriteBoolean(IsPartial, value: true);
        if (message.Tokens is { } tokens)
            WriteTokens(json, tokens);
        if (stored is not null)
            WriteRuns(json, stored);
        json.WriteEndObject();
    }

    /// <summary>Reads a message, which is a <see cref="StoredMessage"/> if it has a position. Exceptions of System.Text.Json, and of the message, mean that it is none, and can quote it.</summary>
    public static ConversationMessage Read(JsonElement json)
    {
        var role = Enum.Parse<MessageRole>(json.GetProperty(Role).GetString()!);
        var message = new ConversationMessage(role, PartJson.ReadAll(json.GetProperty(Parts)))
        {
            AuthorName = json.TryGetProperty(AuthorName, out var author) ? author.GetString() : null,
            Metadata = PartJson.ReadMetadata(json),
            CreatedAt = json.TryGetProperty(CreatedAt, out var createdAt) && createdAt.ValueKind != JsonValueKind.Null ? createdAt.GetDateTimeOffset() : null,
            IsPartial = json.TryGetProperty(IsPartial, out var isPartial) && isPartial.GetBoolean(),
            Tokens = json.TryGetProperty(Tokens, out var tokens) && tokens.ValueKind != JsonValueKind.Null ? new TokenAmount(tokens.GetProperty(Count).GetInt32(), tokens.GetProperty(Counter).GetString()!) : null,
        };
        return !json.TryGetProperty(Position, out var position) ? message : new StoredMessage(message)
        {
            ConversationId = json.GetProperty(ConversationId).GetString() ?? throw new JsonException("A stored message has no conversation."),
            Position = position.GetInt64(),
            RunNumber = Number(json, RunNumber),
            SupersededBy = Number(json, SupersededBy),
        };
    }

    private static void WriteTokens(Utf8JsonWriter json, TokenAmount tokens)
    {
        json.WriteStartObject(Tokens);
        json.WriteNumber(Count, tokens.Count);
        json.WriteString(Counter, tokens.Counter);
        json.WriteEndObject();
    }

    private static void WriteRuns(Utf8JsonWriter json, StoredMessage stored)
    {
        if (stored is { RunNumber: { } run, RunId: { } runId })
        {
            json.WriteNumber(RunNumber, run);
            json.WriteString("runId", runId);
        }

        if (stored.SupersededBy is { } supersededBy)
            json.WriteNumber(SupersededBy, supersededBy);
    }

    private static long? Number(JsonElement json, string name) => json.TryGetProperty(name, out var number) && number.ValueKind != JsonValueKind.Null ? number.GetInt64() : null;
}
