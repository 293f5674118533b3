using System.Text;

namespace Conversations.Storage;

/// <summary>A message ready to be written: serialised, and a copy.</summary>
internal readonly record struct MessageRow(MessageRole Role, MessageKind Kind, ContentFormat Format, long Flags, long CreatedAt, TokenAmount? Tokens, byte[] Content)
{
    /// <summary>The flag of a partial message.</summary>
    public const long Partial = 1;

    /// <summary>The flag of a superseded message.</summary>
    public const long Superseded = 2;

    public static MessageRow[] From(IReadOnlyList<ConversationMessage> messages)
    {
        var rows = new MessageRow[messages.Count];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = From(messages[i]);
        return rows;
    }

    /// <summary>Writes messages to consecutive positions.</summary>
    public static void Insert(SqliteSession session, MessageRow[] rows, long conversation, long firstPosition, long? run, long? supersededBy = null)
    {
        for (var i = 0; i < rows.Length; i++)
            rows[i].Insert(session, (conversation << 32) + firstPosition + i, run, supersededBy);
    }

    private static MessageRow From(ConversationMessage message)
    {
        var (format, text) = MessageContent.Write(message);
        var createdAt = message.CreatedAt ?? throw new ArgumentException("A message has no time.", nameof(message));
        return new MessageRow(message.Role, message.Kind, format, message.IsPartial ? Partial : 0, createdAt.UtcTicks, message.Tokens, Encoding.UTF8.GetBytes(text));
    }

    private void Insert(SqliteSession session, long key, long? run, long? supersededBy)
    {
        using var statement = session.Use(SqliteStatements.InsertMessage);
        statement.Bind(1, key);
        statement.Bind(2, run);
        statement.Bind(3, (long)Role);
        statement.Bind(4, (long)Kind);
        statement.Bind(5, (long)Format);
        statement.Bind(6, supersededBy is null ? Flags : Flags | Superseded);
        statement.Bind(7, CreatedAt);
        statement.Bind(8, Tokens?.Count);
        statement.Bind(9, Tokens?.Counter);
        statement.Bind(10, Content);
        statement.Bind(11, supersededBy);
        statement.Run();
    }
}
