using System.Runtime.CompilerServices;
using Conversations.Storage;
using SQLitePCL;

namespace Conversations.Soak.Kills;

/// <summary>Is called for each row that the writer of a SQLite store changes, and before each transaction is written to the log.</summary>
internal static class WriterHooks
{
    public static async Task AttachAsync(SqliteConversationStore store, Action onRow, Action onCommit) =>
        await store.Writer.WriteAsync(new WriterProbe<bool>(session =>
        {
            var handle = HandleOf(session);
            raw.sqlite3_update_hook(handle, (object _, int _, utf8z _, utf8z _, long _) => onRow(), null);
            raw.sqlite3_commit_hook(handle, _ =>
            {
                onCommit();
                return 0;
            }, null);
            return true;
        }), SqliteDurability.Process, CancellationToken.None);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_handle")]
    private static extern ref sqlite3 HandleOf(SqliteSession session);
}

/// <summary>Runs any code as a write of the store.</summary>
internal sealed class WriterProbe<T>(Func<SqliteSession, T> run) : ISqliteWrite<T>
{
    public Written<T> Run(SqliteSession session, long now) => Written.Keep(run(session));
}
