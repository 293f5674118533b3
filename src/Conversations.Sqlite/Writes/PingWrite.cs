namespace Conversations.Storage;

/// <summary>Checks that the database is readable and writable: its transaction has taken the lock for writing, and is rolled back.</summary>
internal sealed class PingWrite : ISqliteWrite<bool>
{
    public Written<bool> Run(SqliteSession session, long now)
    {
        // SQLite refuses only the first change, and there is none here.
        if (session.IsReadOnly)
            throw SqliteErrors.ReadOnlyDatabase();

        session.Run(SqliteStatements.Ping);
        return Written.Nothing(true);
    }
}
