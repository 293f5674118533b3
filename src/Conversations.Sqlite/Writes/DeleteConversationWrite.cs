namespace Conversations.Storage;

/// <summary>Deletes a conversation with its messages, summaries, runs and their streams [13.1]. Its scope stays.</summary>
internal sealed class DeleteConversationWrite(string conversationId, ConversationAccess access) : ISqliteWrite<bool>
{
    public Written<bool> Run(SqliteSession session, long now)
    {
        if (ConversationKey.Find(session, conversationId, access) is not { } found)
            return Written.Nothing(false);

        Delete(session, SqliteStatements.DeleteMessages, found.Key);
        Delete(session, SqliteStatements.DeleteSummaries, found.Key);
        Delete(session, SqliteStatements.DeleteSegmentsOfConversation, found.Key);
        Delete(session, SqliteStatements.DeleteStreamsOfConversation, found.Key);
        Delete(session, SqliteStatements.DeleteRuns, found.Run);
        Delete(session, SqliteStatements.DeleteConversation, found.Key);
        ScopeRow.Point(session, SqliteStatements.ClearCurrent, found.Scope, found.Key);
        return Written.Keep(true);
    }

    private static void Delete(SqliteSession session, string statement, long key)
    {
        using var delete = session.Use(statement);
        delete.Bind(1, key);
        delete.Run();
    }
}
