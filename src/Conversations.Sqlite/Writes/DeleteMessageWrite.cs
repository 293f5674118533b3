namespace Conversations.Storage;

/// <summary>Deletes one message, the summaries that cover it [18.3] and what was saved of its run's stream [20.5]. The count is all that changes besides [2.4, 13.2].</summary>
internal sealed class DeleteMessageWrite(string conversationId, long position, ConversationAccess access) : ISqliteWrite<bool>
{
    public Written<bool> Run(SqliteSession session, long now)
    {
        // A position beyond 32 bits would be one of another conversation.
        if (position is < 1 or > uint.MaxValue || ConversationKey.Find(session, conversationId, access) is not { } found)
            return Written.Nothing(false);

        if (!Delete(session, found.Key, out var run))
            return Written.Nothing(false);

        SummaryRow.DropFrom(session, found.Key, position);
        if (run is { } number && !StreamRow.IsRunning(session, number))
            StreamRow.Delete(session, found.Key, number);
        using var count = session.Use(SqliteStatements.CountOneLess);
        count.Bind(1, found.Key);
        count.Run();
        return Written.Keep(true);
    }

    private bool Delete(SqliteSession session, long conversation, out long? run)
    {
        using var delete = session.Use(SqliteStatements.DeleteMessage);
        delete.Bind(1, conversation);
        delete.Bind(2, position);
        var isDeleted = delete.Step();
        run = isDeleted ? delete.OptionalInt64(0) : null;
        delete.Run();
        return isDeleted;
    }
}
