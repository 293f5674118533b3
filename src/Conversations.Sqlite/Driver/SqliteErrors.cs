using Microsoft.Data.Sqlite;

namespace Conversations.Storage;

/// <summary>What SQLite's error codes mean for a caller.</summary>
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

    /// <summary>The exception for a change of a database that takes none.</summary>
    public static ConversationStoreException ReadOnlyDatabase(SqliteException? exception = null) => new(ConversationErrorCodes.StoreReadOnly, "The database cannot be written to.", exception);

    /// <summary>The exception for an error after which nothing is written.</summary>
    public static ConversationStoreException Translate(SqliteException exception)
    {
        if (Primary(exception) == ReadOnly)
            return ReadOnlyDatabase(exception);

        var (code, message) = (Primary(exception), exception.SqliteExtendedErrorCode) switch
        {
            (Full, _) => (ConversationErrorCodes.StoreFull, "The database or its disk is full."),
            (Corrupt or NotADatabase, _) => (ConversationErrorCodes.StoreCorrupt, "The file is damaged or no database."),
            (_, ShortRead or BadChecksum or CorruptFileSystem) => (ConversationErrorCodes.StoreCorrupt, "The file is damaged."),
            (Busy or Locked, _) => (ConversationErrorCodes.StoreUnavailable, "Another process kept the database locked."),
            (CannotOpen, _) => (ConversationErrorCodes.StoreUnavailable, "The database cannot be opened."),
            _ => (ConversationErrorCodes.StoreUnavailable, "The database failed."),
        };
        return new ConversationStoreException(code, message, exception);
    }

    /// <summary>The exception that goes to a caller: one of the database's own is translated, any other goes on as it is.</summary>
    public static Exception TranslateAny(Exception exception) => exception is SqliteException failure ? Translate(failure) : exception;

    /// <summary>The exception for an error of COMMIT itself. These few are raised before the commit's last page is written;
    /// after any other, the commit may be found in the log when the database is opened again.</summary>
    public static ConversationStoreException TranslateCommit(SqliteException exception) =>
        Primary(exception) is Busy or Locked or ReadOnly or Full or Constraint
            ? Translate(exception)
            : new ConversationStoreException(ConversationErrorCodes.CommitOutcomeUnknown, "It is not known whether the commit took place.", exception);

    // SQLite tells some errors by their extended code alone, such as a directory that takes no log.
    private static int Primary(SqliteException exception) => exception.SqliteErrorCode & 0xFF;
}
