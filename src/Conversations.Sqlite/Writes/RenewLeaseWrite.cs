namespace Conversations.Storage;

/// <summary>Renews a lease, if it is still the current one [4.4, 4.5].</summary>
internal sealed class RenewLeaseWrite(TurnLease lease) : ISqliteWrite<bool>
{
    public Written<bool> Run(SqliteSession session, long now)
    {
        using var renew = session.Use(SqliteStatements.RenewLease);
        renew.Bind(1, lease.ConversationId);
        renew.Bind(2, lease.Fence);
        renew.Bind(3, LeaseState.Until(now, lease.Duration));
        renew.Bind(4, lease.Duration.Ticks);
        return new Written<bool>(renew.Run() > 0, Keep: true);
    }
}
