using System.Text;

namespace Conversations.Storage;

/// <summary>A copy of a message, serialized for writing.</summary>
/// <param name="Message">The message.</param>
/// <param name="Format">The format of the content.</param>
/// <param name="Text">The content.</param>
/// <param name="Utf8">The content in UTF-8; null if it is short enough to be encoded while it is written.</param>
/// <param name="Data">The data that are kept beside it.</param>
internal readonly record struct MessageRow(StoredMessage Message, ContentFormat Format, string Text, byte[]? Utf8, DataRow[] Data)
{
    // Encoding this many characters takes a few microseconds and no memory. Longer content is encoded before the write waits for the connection.
    private const int ShortText = 8 * 1024;

    /// <summary>The flag of a partial message.</summary>
    public const long Partial = 1;

    /// <summary>The flag of a superseded message.</summary>
    public const long Superseded = 2;

    /// <summary>The flag of a message that has an author.</summary>
    public const long HasAuthor = 4;

    /// <summary>Gets the size of the content and of the data that are written with it: about as many bytes.</summary>
    public long Size
    {
        get
        {
            long size = Utf8?.Length ?? Text.Length;
            foreach (var data in Data)
                size += data.Bytes.Length;
            return size;
        }
    }

    public static MessageRow[] From(ConversationWrite write)
    {
        var (messages, data) = (write.Messages, write.Data);
        if (messages.Count == 0)
            return [];

        var sessionId = write.Conversation.Conversation.SessionId;
        var beside = data.Count == 0 ? null : data.ToLookup(static item => item.Position, item => DataRow.From(sessionId, item));
        var rows = new MessageRow[messages.Count];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = From(messages[i], beside is null ? [] : [.. beside[messages[i].Position]]);
        return rows;
    }

    /// <summary>Gets what the checksum covers besides the content.</summary>
    public static long Seed(long key, long role, long format, long createdAt, string? author)
    {
        var seed = Checksum.Seed(Checksum.Seed(Checksum.Seed(key, createdAt), format), role);
        return author is null ? seed : Checksum.Seed(seed, Checksum.Of(Encoding.UTF8.GetBytes(author), seed));
    }

    /// <summary>Inserts the message.</summary>
    /// <returns><see langword="false"/> if its position is taken, or the scope does not have data of it that it should.</returns>
    public bool TryInsert(SqliteSession session, long conversation)
    {
        using var row = session.Use(SqliteStatements.InsertMessage);
        var key = RowValues.Key(conversation, Message.Position);
        var seed = Seed(key, (long)Message.Role, (long)Format, Message.CreatedAt!.Value.UtcTicks, Message.AuthorName);
        row.Bind(1, key);
        row.Bind(2, Message.RunNumber);
        row.Bind(3, (long)Message.Role);
        row.Bind(4, (long)Message.Kind);
        row.Bind(5, (long)Format);
        row.Bind(6, (Message.IsPartial ? Partial : 0) | (Message.IsSuperseded ? Superseded : 0) | (Message.AuthorName is null ? 0 : HasAuthor));
        row.Bind(7, Message.CreatedAt.Value.UtcTicks);
        row.Bind(8, Message.Tokens?.Count);
        row.Bind(9, Message.Tokens?.Counter);
        if (Utf8 is null)
            row.Bind(11, Text, 10, seed);
        else
            row.Bind(11, Utf8, 10, seed);
        row.Bind(12, Message.SupersededBy);
        row.Bind(13, Message.AuthorName);
        return row.Run() > 0 && TryInsertData(session, key);
    }

    private bool TryInsertData(SqliteSession session, long key)
    {
        foreach (var data in Data)
        {
            if (!data.TryInsert(session, key))
                return false;
        }

        return true;
    }

    private static MessageRow From(StoredMessage message, DataRow[] data)
    {
        if (message.CreatedAt is null)
            throw new ArgumentException("The message has no time. Set CreatedAt.", nameof(message));
        var (format, text) = MessageContent.Write(message);
        return new MessageRow(message, format, text, text.Length <= ShortText ? null : Encoding.UTF8.GetBytes(text), data);
    }
}
