namespace Conversations.Storage;

/// <content>Data that are kept beside messages.</content>
internal static partial class SqliteStatements
{
    // Inserts nothing if the scope has the bytes.
    public const string InsertData = "INSERT INTO data (id, bytes) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING";

    // Inserts nothing if the scope has no such bytes (?2).
    public const string AddMessageData = "INSERT INTO message_data (message, data) SELECT ?1, d.key FROM data d WHERE d.id = ?2";

    public const string FindKeyAndSession = "SELECT c.key, s.session_id FROM conversations c JOIN scopes s ON s.key = c.scope WHERE " + InReach;

    public const string ReadData = "SELECT d.bytes FROM data d WHERE d.id = ?2 AND EXISTS (SELECT 1 FROM message_data x WHERE x.message = ?1 AND x.data = d.key)";

    // The bytes that no other message has.
    public const string FreeDataOfMessage = """
        DELETE FROM data
        WHERE key IN (SELECT x.data FROM message_data x WHERE x.message = (?1 << 32) + ?2)
          AND NOT EXISTS (SELECT 1 FROM message_data o WHERE o.data = data.key AND o.message <> (?1 << 32) + ?2)
        """;

    public const string DeleteDataOfMessage = "DELETE FROM message_data WHERE message = (?1 << 32) + ?2";
}
