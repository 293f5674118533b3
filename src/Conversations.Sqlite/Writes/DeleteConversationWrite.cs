namespace Conversations.Storage;

/// <summary>Deletes a conversation with its messages, runs, keys, summaries and segments [11.1], and its scope if it was the last of it: a scope names a user or a record.</summary>
internal sealed class DeleteConversationWrite(string conversationId, ConversationAccess access) : ISqliteWrite<bool>
{
    public bool Deletes => true;

    public Written<bool> Run(SqliteSession session, long now)
    {
        if (SqliteReads.FindKey(session, conversationId, access) is not var (key, scope))
            return Written.Nothing(false);

        // The keys are deleted first, because they are found by the runs.
        FreeKeys(session, key, scope);
        Delete(session, SqliteStatements.DeleteMessages, key);
        Delete(session, SqliteStatements.DeleteRuns, key);
        Delete(session, SqliteStatements.DeleteSegmentsOfConversation, key);
        Delete(session, SqliteStatements.DeleteConversation, key);
        SummaryRow.DropFrom(session, key, 0);
        ScopeRow.ClearPointer(session, scope, key);
        Delete(session, SqliteStatements.DeleteEmptyScope, scope);
        return Written.Keep(true);
    }

    private static void FreeKeys(SqliteSession session, long key, long scope)
    {
        using var free = session.Use(SqliteStatements.FreeKeysOfConversation);
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
