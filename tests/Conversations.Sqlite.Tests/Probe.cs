using Conversations.Storage;

namespace Conversations.Sqlite.Tests;

/// <summary>Runs anything as a write of the store's own.</summary>
internal sealed class Probe<T>(Func<SqliteSession, T> run) : ISqliteWrite<T>
{
    public Written<T> Run(SqliteSession session, long now) => Written.Keep(run(session));
}
