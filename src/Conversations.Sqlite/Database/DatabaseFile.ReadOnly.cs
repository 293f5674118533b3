namespace Conversations.Storage;

/// <content>A file where nothing can be written, such as a read-only mount. SQLite can create neither log nor shared memory there, and reads it as immutable.</content>
internal sealed partial class DatabaseFile
{
    // EROFS, which is the same number on Linux and macOS.
    private const int ReadOnlyFileSystem = 30;

    private FileState? _frozen;

    /// <summary>Gets whether the file is read as immutable.</summary>
    public bool IsFrozen => _frozen is not null;

    /// <summary>Gets whether the file exists where no file can be created. Other reasons for which SQLite cannot open a log pass.</summary>
    public bool IsOnReadOnlyMedium
    {
        get
        {
            if (OperatingSystem.IsWindows() || !File.Exists(path))
                return false;

            try
            {
                using var probe = new FileStream($"{path}-{Guid.NewGuid():N}", new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose });
                return false;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return IsForbidden(exception);
            }
        }
    }

    /// <summary>Determines whether a file could not be created because that is forbidden: the file system is read-only (EROFS), or rights are missing (EACCES and EPERM, for which .NET has an exception).
    /// Other reasons, such as too many open files or a full disk, pass.</summary>
    internal static bool IsForbidden(Exception exception) => exception is UnauthorizedAccessException or IOException { HResult: ReadOnlyFileSystem };

    /// <summary>Returns what the file is like that is to be read as immutable.</summary>
    /// <exception cref="ConversationStoreException">Its log has writes that the file does not have yet (<c>STORE_READ_ONLY</c>).</exception>
    public FileState StateWithoutLog() => LogSize == 0
        ? State
        : throw new ConversationStoreException(ConversationErrorCodes.StoreReadOnly, "The log of the database has writes that are not in its file yet, and nothing can be written there. Open the database once where it can be written to, or copy it there with its log.");

    /// <summary>Records that the file is read as immutable, and what it was like before it was opened.</summary>
    public void Freeze(FileState state) => _frozen = state;

    /// <summary>Checks after a read that no other program has written to a file that is read as immutable: what was read is wrong otherwise.</summary>
    /// <exception cref="ConversationStoreException">One has (<c>STORE_UNAVAILABLE</c>).</exception>
    public void ThrowIfChanged()
    {
        if (_frozen is { } frozen && (LogSize != 0 || State != frozen))
            throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "Another program writes to the database, in a directory where this one cannot. Restart this program, or give it access to the directory.");
    }

    private FileState State => new FileInfo(path) is { Exists: true } file ? new FileState(file.Length, file.LastWriteTimeUtc) : default;

    /// <summary>What changes when another program writes to the file.</summary>
    /// <param name="Size">The size in bytes.</param>
    /// <param name="WrittenAt">When it was last written to.</param>
    internal readonly record struct FileState(long Size, DateTime WrittenAt);
}
