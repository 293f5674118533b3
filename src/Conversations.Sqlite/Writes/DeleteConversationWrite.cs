namespace Conversations.Storage;

/// <summary>Deletes a conversation [11.1], and its scope if it was the last of it: a scope names a user or a record. From then on, nothing of it can be read.
/// The rest of a long conversation is removed later: see <see cref="Removal"/>.</summary>
internal sealed class DeleteConversationWrite(string conversationId, ConversationAccess access) : ISqliteWrite<bool>
{
    public bool Deletes => true;

    // Most conversations are short, so that several deletions share a transaction.
    public long Size => WriteShare.Bytes / 4;

    public Written<bool> Run(SqliteSession session, long now)
    {
        if (SqliteReads.FindKey(session, conversationId, access) is not var (key, scope))
            return Written.Nothing(false);

        FreeKeyOfOpenRun(session, key, scope);
        Delete(session, SqliteStatements.DeleteConversation, key);
        ScopeRow.ClearPointer(session, scope, key);
        Delete(session, SqliteStatements.DeleteEmptyScope, scope);
        Removal.RemoveSome(session, key, scope);
        return Written.Keep(true);
    }

    private static void FreeKeyOfOpenRun(SqliteSession session, long key, long scope)
    {
        using var free = session.Use(SqliteStatements.FreeKeyOfOpenRun);
        free.Bind(1, key);
        free.Bind(2, scope);
        free.Run();
    }

    private static void Delete(SqliteSession session, string statement, long key)
    {
        using var delete = session.Use(statement);
        delete.Bind(1, key);
        delete.Run();
    }
}
