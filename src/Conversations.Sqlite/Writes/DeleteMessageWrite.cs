namespace Conversations.Storage;

/// <summary>Deletes one message, and the summaries that cover it [18.3]. The count is all that changes besides [2.4, 13.2].</summary>
internal sealed class DeleteMessageWrite(string conversationId, long position, ConversationAccess access) : ISqliteWrite<bool>
{
    public Written<bool> Run(SqliteSession session, long now)
    {
        // A position beyond 32 bits would be one of another conversation.
        if (position is < 1 or > uint.MaxValue || ConversationKey.Find(session, conversationId, access) is not { } found)
            return Written.Nothing(false);

        using var delete = session.Use(SqliteStatements.DeleteMessage);
        delete.Bind(1, found.Key);
        delete.Bind(2, position);
        if (delete.Run() == 0)
            return Written.Nothing(false);

        SummaryRow.DropFrom(session, found.Key, position);
        using var count = session.Use(SqliteStatements.CountOneLess);
        count.Bind(1, found.Key);
        count.Run();
        return Written.Keep(true);
    }
}
