namespace Conversations.Storage;

/// <summary>Renames, ends, archives or reopens a conversation. An open turn is left alone [4.7].</summary>
internal sealed class UpdateConversationWrite(string conversationId, ConversationAccess access, ConversationChange change) : ISqliteWrite<Conversation?>
{
    public Written<Conversation?> Run(SqliteSession session, long now)
    {
        if (ConversationKey.Find(session, conversationId, access) is not { } found)
            return Written.Nothing<Conversation?>(null);

        if (change.Title is not null)
            Rename(session, found.Key, change.Title);
        if (change.Status == ConversationStatus.Active)
            Reopen(session, found, now);
        else if (change.Status is { } status)
            Close(session, found.Key, status, now);
        return Written.Keep<Conversation?>(SqliteReads.ByKey(session, found.Key));
    }

    private static void Rename(SqliteSession session, long key, string title)
    {
        using var rename = session.Use(SqliteStatements.Rename);
        rename.Bind(1, key);
        rename.Bind(2, title);
        rename.Run();
    }

    private static void Reopen(SqliteSession session, ConversationKey found, long now)
    {
        using var reopen = session.Use(SqliteStatements.Reopen);
        reopen.Bind(1, found.Key);
        reopen.Bind(2, now);

        // One that was active is not reopened, and moves no pointer [5.8].
        if (reopen.Run() > 0)
            ScopeRow.Point(session, SqliteStatements.SetCurrentUnlessActive, found.Scope, found.Key);
    }

    private static void Close(SqliteSession session, long key, ConversationStatus status, long now)
    {
        using var close = session.Use(SqliteStatements.Close);
        close.Bind(1, key);
        close.Bind(2, (long)status);
        close.Bind(3, now);
        close.Run();
    }
}
