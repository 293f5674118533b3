using Microsoft.Data.Sqlite;

namespace Conversations.Storage;

/// <summary>Translates SQLite's error codes to exceptions for callers.</summary>
internal static class SqliteErrors
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int IoError = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int Constraint = 19;
    private const int NotADatabase = 26;

    private const int ShortRead = IoError | (2 << 8);
    private const int BadChecksum = IoError | (32 << 8);
    private const int CorruptFileSystem = IoError | (33 << 8);

    /// <summary>Creates the exception for a write to a read-only database.</summary>
    public static ConversationStoreException ReadOnlyDatabase(SqliteException? exception = null) => new(ConversationErrorCodes.StoreReadOnly, "The database is read-only. Check the permissions of the file and its directory, and Mode in the connection string.", exception);

    /// <summary>Creates the exception for a call that has waited for the busy timeout.</summary>
    public static ConversationStoreException LockedTooLong(SqliteException? exception = null) =>
        new(ConversationErrorCodes.StoreUnavailable, "Another process kept the database locked for longer than the busy timeout. Try again later, or increase BusyTimeout.", exception);

    /// <summary>Determines whether another process has the database locked, so that the call can be tried again.</summary>
    public static bool IsBusy(SqliteException exception) => Primary(exception) is Busy or Locked;

    /// <summary>Determines whether the files beside the database, the log and the shared memory, could not be opened or created.</summary>
    public static bool IsWithoutLog(SqliteException exception) => Primary(exception) is CannotOpen or ReadOnly;

    /// <summary>Creates the exception for an error after which nothing is written.</summary>
    public static ConversationStoreException Translate(SqliteException exception)
    {
        if (Primary(exception) == ReadOnly)
            return ReadOnlyDatabase(exception);
        if (IsBusy(exception))
            return LockedTooLong(exception);

        var (code, message) = (Primary(exception), exception.SqliteExtendedErrorCode) switch
        {
            (Full, _) => (ConversationErrorCodes.StoreFull, "The database or its disk is full. Free disk space, or raise the page limit of the database."),
            (Corrupt or NotADatabase, _) => (ConversationErrorCodes.StoreCorrupt, "The file is damaged or is not a database. Restore a backup, or use another file."),
            (_, ShortRead or BadChecksum or CorruptFileSystem) => (ConversationErrorCodes.StoreCorrupt, "The file is damaged. Restore a backup."),
            (CannotOpen, _) => (ConversationErrorCodes.StoreUnavailable, "The database cannot be opened. Check the path and the permissions of the file and its directory."),
            _ => (ConversationErrorCodes.StoreUnavailable, "The database operation failed. See the inner exception."),
        };
        return new ConversationStoreException(code, message, exception);
    }

    /// <summary>Creates the exception for a caller: exceptions of SQLite are translated, all others are passed on.</summary>
    public static Exception TranslateAny(Exception exception) => exception is SqliteException failure ? Translate(failure) : exception;

    /// <summary>Creates the exception for an error of COMMIT itself. Only a few errors are raised before the last page of the commit is written;
    /// after any other, the commit can be found in the log when the database is opened again.</summary>
    public static ConversationStoreException TranslateCommit(SqliteException exception) =>
        IsBusy(exception) || Primary(exception) is ReadOnly or Full or Constraint
            ? Translate(exception)
            : new ConversationStoreException(ConversationErrorCodes.CommitOutcomeUnknown, "It is unknown whether the write was applied. Send the request again with the same idempotency key, or commit the open turn again.", exception);

    // SQLite reports some errors by their extended code only, such as a directory in which no log can be created.
    private static int Primary(SqliteException exception) => exception.SqliteErrorCode & 0xFF;
}
