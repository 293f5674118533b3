using System.Runtime.Versioning;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Conversations.Storage;

/// <summary>The file of the database as the operating system has it: its names, who has access to it, and whether its path still leads to it.</summary>
internal sealed partial class DatabaseFile(string path, SqliteOpenMode mode, ILogger logger)
{
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private FileEntry? _opened;
    private FileEntry? _openedLog;

    /// <summary>Gets the path of the write-ahead log.</summary>
    public string LogPath { get; } = path + "-wal";

    /// <summary>Gets the size of the write-ahead log in bytes.</summary>
    public long LogSize => new FileInfo(LogPath) is { Exists: true, Length: var length } ? length : 0;

    /// <summary>Checks the file before SQLite opens it, and creates it if the connection string allows that. An existing file is not changed: it can be of another program.</summary>
    /// <exception cref="ConversationStoreException">It is no file, has two names, or cannot be created (<c>STORE_UNAVAILABLE</c>).</exception>
    public void Prepare()
    {
        RefuseLinks();
        if (!OperatingSystem.IsWindows() && mode == SqliteOpenMode.ReadWriteCreate && !File.Exists(path))
            Create();
    }

    /// <summary>Takes the access of all users of the machine to the file, its log and its shared memory away. Call it when the database is open, and is known to be one of the library.</summary>
    public void CloseToOthers()
    {
        if (!OperatingSystem.IsWindows())
            TakeAccessOfOthers();
    }

    /// <summary>Gives the owner of the file access to its log and its shared memory. SQLite creates them with the permissions that the file has then, so those of a file that was read-only remain so.</summary>
    /// <returns>Whether something was changed. SQLite sees it when it opens the file again.</returns>
    public bool OpenToOwner() => !OperatingSystem.IsWindows() && mode != SqliteOpenMode.ReadOnly && GiveAccessToOwner();

    [UnsupportedOSPlatform("windows")]
    private bool GiveAccessToOwner()
    {
        var isChanged = false;
        foreach (var name in (ReadOnlySpan<string>)[LogPath, path + "-shm"])
        {
            var info = new FileInfo(name);
            if (!info.Exists || (info.UnixFileMode & UnixFileMode.UserWrite) != UnixFileMode.None)
                continue;

            try
            {
                info.UnixFileMode |= UnixFileMode.UserRead | UnixFileMode.UserWrite;
                isChanged = true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It belongs to another user, or is gone. A write reports what is wrong.
            }
        }

        return isChanged;
    }

    [UnsupportedOSPlatform("windows")]
    private void TakeAccessOfOthers()
    {
        var (isClosed, failure) = (false, (string?)null);
        foreach (var name in (ReadOnlySpan<string>)[path, LogPath, path + "-shm"])
        {
            var info = new FileInfo(name);
            if (!info.Exists || (info.UnixFileMode & Others) == UnixFileMode.None)
                continue;

            try
            {
                // Those who ask for a read-only file do not expect that it is changed.
                if (mode == SqliteOpenMode.ReadOnly)
                    failure = "Mode=ReadOnly";
                else
                    info.UnixFileMode &= ~Others;
                isClosed = true;
            }
            catch (FileNotFoundException)
            {
                // Another process has closed the database meanwhile, and with it the log.
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                failure = exception.GetType().Name;
            }
        }

        if (failure is not null)
            SqliteLog.FileOpenToOthers(logger, failure);
        else if (isClosed)
            SqliteLog.FileClosedToOthers(logger);
    }

    /// <summary>Remembers which file has been opened, and which log. SQLite keeps both until the last connection is closed.</summary>
    public void Remember()
    {
        _opened = FileEntry.Find(path);

        // A file that is read as immutable has no log.
        _openedLog = FileEntry.Find(LogPath) is { Number: not 0 } log ? log : null;
    }

    /// <summary>Checks that the paths still lead to the file and to the log that were opened. What is written to others is lost.</summary>
    /// <exception cref="ConversationStoreException">They do not (<c>STORE_UNAVAILABLE</c>).</exception>
    public void ThrowIfMoved()
    {
        if (HasMoved(path, _opened))
            throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "The database file was removed or replaced while it was open. Put it back, or restart the program to use the new one.");
        if (HasMoved(LogPath, _openedLog))
            throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "The write-ahead log of the database was removed or replaced while it was open. Put it back, or stop the program, which writes the log to the database when it closes the store, and start it again.");
    }

    private static bool HasMoved(string path, FileEntry? opened) => opened is { } entry && FileEntry.Find(path) is { } found && !found.IsSameFile(entry);

    /// <summary>Refuses a file that has two names: SQLite names the log after the name by which the file is opened, and two logs for one file damage it.
    /// A symbolic link is refused because those who can change it can exchange the file.</summary>
    private void RefuseLinks()
    {
        if (new FileInfo(path).LinkTarget is not null)
            throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "The path of the database is a symbolic link. Specify the file that it leads to; links to directories are allowed.");
        var entry = FileEntry.Find(path);
        if (entry is { IsDirectory: true })
            throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "The path of the database is a directory. Specify a file.");
        if (entry is { Number: not 0, IsRegular: false })
            throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "The path of the database is a device or a pipe. Specify a file.");
        if (entry is { Links: > 1 })
            throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "The database file has a second name, which is a hard link. Remove that name, or use a copy of the file.");
    }

    /// <summary>Creates the file before SQLite does, because SQLite would create it readable by other users.</summary>
    [UnsupportedOSPlatform("windows")]
    private void Create()
    {
        try
        {
            using var file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another process has created the file, or the directory does not exist. The inner exception is not passed on because its message contains the path.
            if (Directory.Exists(path))
                throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "The path of the database is a directory. Specify a file.");
            if (!File.Exists(path))
                throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, $"The database file cannot be created ({exception.GetType().Name}). Check that the directory exists and is writable.");
        }
    }
}
