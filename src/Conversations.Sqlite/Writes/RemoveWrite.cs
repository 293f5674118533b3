namespace Conversations.Storage;

/// <summary>Removes rows of a conversation that does not exist, as many as one write can [11.1].</summary>
/// <remarks>The result is whether there were any.</remarks>
internal sealed class RemoveWrite : ISqliteWrite<bool>
{
    public long Size => WriteShare.Bytes;

    public Written<bool> Run(SqliteSession session, long now)
    {
        if (Find(session, now) is not var (conversation, scope))
            return Written.Nothing(false);

        if (Removal.TryRemoveAll(session, conversation, scope))
            Removal.TryEnd(session, conversation);
        return Written.Keep(true);
    }

    private static (long Conversation, long Scope)? Find(SqliteSession session, long now)
    {
        using var find = session.Use(SqliteStatements.FindRemoval);
        find.Bind(1, now);
        return find.Step() ? (find.Int64(0), find.Int64(1)) : null;
    }
}
