namespace Conversations.Storage;

/// <summary>A conversation within a write: its key, its scope and its last run.</summary>
internal sealed record ConversationKey(long Key, long Scope, long Run)
{
    /// <summary>Finds a conversation by its id; <see langword="null"/> if it doesn't exist or is out of reach [16.1].</summary>
    public static ConversationKey? Find(SqliteSession session, string conversationId, ConversationAccess access)
    {
        using var find = session.Use(SqliteStatements.FindKey);
        find.BindAccess(conversationId, access);
        return find.Step() ? new ConversationKey(find.Int64(0), find.Int64(1), find.Int64(2)) : null;
    }
}
