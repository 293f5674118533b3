namespace Conversations.Storage;

/// <summary>Interrupts a run whose lease has expired, where nobody begins another turn [20.6].</summary>
internal sealed class InterruptRunWrite(string conversationId, long number, ConversationAccess access) : ISqliteWrite<bool>
{
    public Written<bool> Run(SqliteSession session, long now)
    {
        if (FindHolder(session) is not { } conversation || conversation.IsHeld(now))
            return Written.Nothing(false);

        var interruption = Interruption.OfHolder(session, conversation);
        interruption.Write(session, now);
        interruption.DropLease(session);
        return Written.Keep(true);
    }

    private LeaseState? FindHolder(SqliteSession session)
    {
        using var find = session.Use(SqliteStatements.FindHolder);
        find.BindAccess(conversationId, access);
        find.Bind(6, number);
        return find.Step() ? SqliteRows.ReadLeaseState(find, 0) : null;
    }
}
