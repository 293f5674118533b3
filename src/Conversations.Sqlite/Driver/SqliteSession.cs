using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Conversations.Storage;

/// <summary>An open connection and its prepared statements. Only one thread at a time can use it.</summary>
internal sealed class SqliteSession : IDisposable
{
    private const int WrittenPages = 9;

    private readonly SqliteConnection _connection;
    private readonly sqlite3 _handle;

    // Compared by reference: all statements are constants, and hashing their text would cost more than the lookup.
    private readonly Dictionary<string, sqlite3_stmt> _statements = new(ReferenceEqualityComparer.Instance);

    private SqliteSession(SqliteConnection connection, sqlite3 handle)
    {
        _connection = connection;
        _handle = handle;
    }

    public bool IsReadOnly => raw.sqlite3_db_readonly(_handle, "main") == 1;

    public bool InTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    public long LastInsertedKey => raw.sqlite3_last_insert_rowid(_handle);

    public static SqliteSession Open(string connectionString)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            var handle = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
            _ = raw.sqlite3_extended_result_codes(handle, 1);
            return new SqliteSession(connection, handle);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Returns how many pages this connection has written since it was asked before.</summary>
    public int TakeWrittenPages() => raw.sqlite3_db_status(_handle, WrittenPages, out var pages, out _, resetFlg: 1) == raw.SQLITE_OK ? pages : 0;

    /// <summary>Returns a statement, which is prepared on first use and kept.</summary>
    /// <param name="sql">One of the constants of <see cref="SqliteStatements"/>.</param>
    public SqliteStatement Use(string sql) => new(_handle, Prepare(sql));

    /// <summary>Runs a kept statement without parameters.</summary>
    public int Run(string sql)
    {
        using var statement = Use(sql);
        return statement.Run();
    }

    /// <summary>Runs a kept statement without parameters, unless another process has the database locked.</summary>
    /// <returns><see langword="false"/> if it has.</returns>
    public bool TryRun(string sql)
    {
        using var statement = Use(sql);
        return statement.TryRun();
    }

    /// <summary>Runs a kept statement without parameters and returns the first column of its first row.</summary>
    public long ReadNumber(string sql)
    {
        using var statement = Use(sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }

    /// <summary>Runs a script once.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    /// <summary>Prepares and runs one statement once: a pragma that takes effect when it is prepared.</summary>
    public void Execute(ReadOnlySpan<byte> utf8)
    {
        Check(raw.sqlite3_prepare_v2(_handle, utf8, out var prepared));
        using (prepared)
            new SqliteStatement(_handle, prepared).Run();
    }

    /// <summary>Runs SQL once and returns the first column of its first row as text.</summary>
    public string? Ask(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_handle, sql, out var prepared));
        using (prepared)
        {
            var statement = new SqliteStatement(_handle, prepared);
            return statement.Step() ? statement.OptionalText(0) : null;
        }
    }

    /// <summary>Runs SQL once and returns the first column of its first row as a number.</summary>
    public long AskNumber(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_handle, sql, out var prepared));
        using (prepared)
        {
            var statement = new SqliteStatement(_handle, prepared);
            return statement.Step() ? statement.Int64(0) : 0;
        }
    }

    /// <summary>Rolls back an open transaction. Some errors have ended it already.</summary>
    public void RollBack()
    {
        if (!InTransaction)
            return;

        // An error here has no remedy and must not hide the original one.
        var statement = Prepare(SqliteStatements.RollBack);
        _ = raw.sqlite3_step(statement);
        _ = raw.sqlite3_reset(statement);
    }

    public void Dispose()
    {
        // A statement that is not finalized keeps the file open.
        foreach (var statement in _statements.Values)
            statement.Dispose();
        _statements.Clear();
        _connection.Dispose();
    }

    private sqlite3_stmt Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out statement));
            _statements.Add(sql, statement);
        }

        return statement;
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
            SqliteException.ThrowExceptionForRC(result, _handle);
    }
}
