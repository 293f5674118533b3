using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Conversations.Storage;

/// <summary>Binds parameters that several statements have in common.</summary>
internal static class SqliteParameters
{
    private static readonly ConditionalWeakTable<IReadOnlyList<string>, byte[]> JsonTexts = [];

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Binds the id of a conversation and the caller's access, ?1 to ?5. Most callers can reach one audience, so JSON is needed only for the others.</summary>
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

    // The audiences of a caller are the same list for the lifetime of its view, and each of its statements binds them.
    private static byte[] JsonOf(IReadOnlyList<string> audiences) => JsonTexts.GetValue(audiences, static audiences => WriteJson(audiences));

    private static byte[] WriteJson(IReadOnlyList<string> audiences)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Json))
        {
            json.WriteStartArray();
            for (var i = 1; i < audiences.Count; i++)
                json.WriteStringValue(audiences[i]);
            json.WriteEndArray();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
