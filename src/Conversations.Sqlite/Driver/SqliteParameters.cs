using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Conversations.Storage;

/// <summary>Parameters that several statements have in common.</summary>
internal static class SqliteParameters
{
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Binds a conversation's id and what the caller reaches, ?1 to ?5. Most callers reach one audience, so JSON is for the others alone.</summary>
    public static void BindAccess(this SqliteStatement statement, string? conversationId, ConversationAccess access)
    {
        statement.Bind(1, conversationId);
        statement.Bind(2, access.Project);
        statement.Bind(3, access.Audiences is null ? 1 : 0);
        if (access.Audiences is not { Count: > 0 } audiences)
            return;

        statement.Bind(4, audiences[0]);
        if (audiences.Count > 1)
            statement.Bind(5, JsonOf(audiences));
    }

    private static ReadOnlySpan<byte> JsonOf(IReadOnlyList<string> audiences)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Json))
        {
            json.WriteStartArray();
            for (var i = 1; i < audiences.Count; i++)
                json.WriteStringValue(audiences[i]);
            json.WriteEndArray();
        }

        return buffer.WrittenSpan;
    }
}
