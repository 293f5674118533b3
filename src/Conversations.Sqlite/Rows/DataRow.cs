using System.Security.Cryptography;
using System.Text;

namespace Conversations.Storage;

/// <summary>Data that are kept beside a message.</summary>
/// <param name="Id">Identifies the bytes within their scope. Nothing of a scope depends on what others have, and a hash of another scope finds nothing.</param>
/// <param name="IsCopy">Whether another message of the scope has the bytes.</param>
/// <param name="Bytes">The bytes; empty for a copy.</param>
internal readonly record struct DataRow(byte[] Id, bool IsCopy, ReadOnlyMemory<byte> Bytes)
{
    public static DataRow From(string sessionId, MessageData data) => new(IdOf(sessionId, data.Hash), data.IsCopy, data.Bytes);

    /// <summary>Reads data of a message; null if it has none such.</summary>
    public static byte[]? Read(SqliteSession session, long message, string sessionId, string hash)
    {
        using var read = session.Use(SqliteStatements.ReadData);
        read.Bind(1, message);
        read.BindBlob(2, IdOf(sessionId, hash));
        return read.Step() ? read.Blob(0) : null;
    }

    /// <summary>Deletes the data of a message, except bytes that other messages have.</summary>
    public static void Delete(SqliteSession session, long conversation, long position)
    {
        Delete(session, SqliteStatements.FreeDataOfMessage, conversation, position);
        Delete(session, SqliteStatements.DeleteDataOfMessage, conversation, position);
    }

    /// <summary>Inserts the data of a message.</summary>
    /// <returns><see langword="false"/> if the scope does not have the bytes.</returns>
    public bool TryInsert(SqliteSession session, long message)
    {
        if (!IsCopy)
        {
            using var insert = session.Use(SqliteStatements.InsertData);
            insert.BindBlob(1, Id);
            insert.BindBlob(2, Bytes.Span);
            insert.Run();
        }

        using var add = session.Use(SqliteStatements.AddMessageData);
        add.Bind(1, message);
        add.BindBlob(2, Id);
        return add.Run() > 0;
    }

    private static void Delete(SqliteSession session, string statement, long conversation, long position)
    {
        using var delete = session.Use(statement);
        delete.Bind(1, conversation);
        delete.Bind(2, position);
        delete.Run();
    }

    // A session id contains no NUL.
    private static byte[] IdOf(string sessionId, string hash) => SHA256.HashData(Encoding.UTF8.GetBytes($"{sessionId}\0{hash}"));
}
