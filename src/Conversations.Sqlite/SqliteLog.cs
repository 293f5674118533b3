using Microsoft.Extensions.Logging;

namespace Conversations.Storage;

/// <summary>The log messages of the store.</summary>
internal static partial class SqliteLog
{
    [LoggerMessage(1, LogLevel.Information, "SQLite {Version} has a rare WAL bug when several connections write or checkpoint at the same moment. This store writes and checkpoints with one connection alone; keep other processes from writing to its file, or use SQLite 3.51.3 or newer.", EventName = "WalBugAffectsVersion")]
    public static partial void WalBugAffectsVersion(ILogger logger, string version);

    [LoggerMessage(2, LogLevel.Warning, "Code that listens to the store's measurements threw {Error}. Measurements may be missing there; nothing that was written is undone. Logged once.", EventName = "ListenerFailed")]
    public static partial void ListenerFailed(ILogger logger, string error);

    [LoggerMessage(3, LogLevel.Warning, "Every user of this machine had access to the database file. Their permissions were removed; those of its owner and its group are as they were.", EventName = "FileClosedToOthers")]
    public static partial void FileClosedToOthers(ILogger logger);

    [LoggerMessage(4, LogLevel.Warning, "Every user of this machine has access to the database file, and their permissions could not be removed ({Error}). Remove them, and grant access to a group.", EventName = "FileOpenToOthers")]
    public static partial void FileOpenToOthers(ILogger logger, string error);

    [LoggerMessage(5, LogLevel.Error, "The database is damaged where rows of a deleted conversation are left. They are not removed. Copy the database with VACUUM INTO, or restore a backup.", EventName = "RemainsDamaged")]
    public static partial void RemainsDamaged(ILogger logger);
}
