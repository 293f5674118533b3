using Conversations.Storage;

namespace Conversations.Sqlite.Tests;

/// <summary>Runs anything as a write of the store's own.</summary>
internal sealed class Probe<T>(Func<SqliteSession, T> run, bool keep = true) : ISqliteWrite<T>
{
    public Written<T> Run(SqliteSession session, long now) => new(run(session), keep);
}
