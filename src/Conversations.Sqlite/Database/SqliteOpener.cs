using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace Conversations.Storage;

/// <summary>Opens connections, each with all its pragmas.</summary>
internal sealed class SqliteOpener
{
    private readonly SqliteConnectionString _connectionString;
    private readonly ILogger _logger;

    public SqliteOpener(SqliteConnectionString connectionString, ILogger logger)
    {
        _connectionString = connectionString;
        _logger = logger;
        File = new DatabaseFile(connectionString.Path, connectionString.Mode, logger);
    }

    /// <summary>Gets the file of the database.</summary>
    public DatabaseFile File { get; }

    /// <summary>Gets the logger of the store.</summary>
    public ILogger Logger => _logger;

    /// <summary>Opens the connection that writes, creating and migrating the database if necessary.</summary>
    /// <exception cref="SqliteException">Another process has the database locked, and all of it can be tried again; or it cannot be opened.</exception>
    public SqliteSession OpenWriter()
    {
        File.Prepare();
        var session = OpenWriterOrImmutable();
        if (!session.IsReadOnly && File.OpenToOwner())
        {
            session.Dispose();
            session = OpenWriterOrImmutable();
        }

        File.CloseToOthers();
        return session;
    }

    private SqliteSession OpenWriterOrImmutable()
    {
        try
        {
            return OpenAndMigrate(_connectionString.Writer);
        }
        catch (SqliteException exception) when (SqliteErrors.IsWithoutLog(exception) && File.IsOnReadOnlyMedium)
        {
            // It is recorded only when the file is open, because the next attempt may find rights.
            var state = File.StateWithoutLog();
            var session = OpenAndMigrate(_connectionString.Immutable);
            File.Freeze(state);
            return session;
        }
    }

    private SqliteSession OpenAndMigrate(string connectionString)
    {
        var session = SqliteSession.Open(connectionString);
        try
        {
            SetPragmas(session);
            SqliteMigrator.Migrate(session);
            if (!session.IsReadOnly)
                TurnOnWal(session);
            File.Remember();
        }
        catch
        {
            session.Dispose();
            throw;
        }

        if (HasWalBug(raw.sqlite3_libversion_number()))
            SqliteLog.WalBugAffectsVersion(_logger, raw.sqlite3_libversion().utf8_to_string());
        return session;
    }

    /// <summary>Opens a reading connection to a database that <see cref="OpenWriter"/> has opened before.</summary>
    public SqliteSession OpenReader()
    {
        File.ThrowIfMoved();
        var session = SqliteSession.Open(File.IsFrozen ? _connectionString.Immutable : _connectionString.Reader);
        try
        {
            SetPragmas(session);
            session.Execute("PRAGMA query_only = ON");
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Determines whether a version of SQLite can damage a database when several connections write or checkpoint at the same moment:
    /// versions up to 3.51.2, except the repaired ones of the lines 3.50 and 3.44.</summary>
    internal static bool HasWalBug(int version) =>
        version <= 3_051_002 && version is not (>= 3_050_007 and < 3_051_000) and not (>= 3_044_006 and < 3_045_000);

    private static void TurnOnWal(SqliteSession session)
    {
        if (!string.Equals(session.Ask("PRAGMA journal_mode = WAL"), "wal", StringComparison.Ordinal))
            throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "The file system of the database does not support a write-ahead log. Use a local file system.");

        // SQLite opens the log, and creates it, at the next read.
        session.AskNumber("PRAGMA schema_version");
    }

    // SQLite does not wait itself: see BusyWait. What is deleted is overwritten: see Erasure.
    private static void SetPragmas(SqliteSession session) =>
        session.Execute("""
            PRAGMA busy_timeout = 0;
            PRAGMA cache_size = -16384;
            PRAGMA temp_store = MEMORY;
            PRAGMA foreign_keys = OFF;
            PRAGMA trusted_schema = OFF;
            PRAGMA secure_delete = ON;
            PRAGMA journal_size_limit = 4194304;
            """);
}
