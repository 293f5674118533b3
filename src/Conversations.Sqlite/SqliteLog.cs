using Microsoft.Extensions.Logging;

namespace Conversations.Storage;

/// <summary>The log messages of the store.</summary>
internal static partial class SqliteLog
{
    [LoggerMessage(1, LogLevel.Information, "SQLite {Version} has a rare WAL bug when several connections write or checkpoint at the same moment. This store writes and checkpoints with one connection alone; keep other processes from writing to its file, or use SQLite 3.51.3 or newer.", EventName = "WalBugAffectsVersion")]
    public static partial void WalBugAffectsVersion(ILogger logger, string version);

    [LoggerMessage(2, LogLevel.Warning, "Code that listens to the store's measurements threw {Error}. Measurements may be missing there; nothing that was written is undone. Logged once.", EventName = "ListenerFailed")]
    public static partial void ListenerFailed(ILogger logger, string error);
}
