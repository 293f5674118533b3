using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Conversations.Storage;

/// <summary>One use of a prepared statement: bind, step, read; disposing makes it ready for the next use.</summary>
/// <remarks>Parameters count from 1, columns from 0. Text goes in and comes out by its length, so that NUL survives.</remarks>
internal readonly ref struct SqliteStatement
{
    private const int StackLimit = 512;

    [ThreadStatic]
    private static string? _lastName;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public SqliteStatement(sqlite3 database, sqlite3_stmt statement)
    {
        _database = database;
        _statement = statement;
    }

    public void Bind(int parameter, long value) => Check(raw.sqlite3_bind_int64(_statement, parameter, value));

    /// <summary>Binds a number; <see langword="null"/> is NULL, as is every parameter that is not bound.</summary>
    public void Bind(int parameter, long? value)
    {
        if (value is { } number)
            Bind(parameter, number);
    }

    /// <summary>Binds text; <see langword="null"/> is NULL.</summary>
    public void Bind(int parameter, string? value)
    {
        if (value is null)
            return;

        var size = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (size <= StackLimit)
        {
            Span<byte> buffer = stackalloc byte[StackLimit];
            Bind(parameter, buffer[..Encoding.UTF8.GetBytes(value, buffer)]);
            return;
        }

        var rented = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            Bind(parameter, rented.AsSpan(0, Encoding.UTF8.GetBytes(value, rented)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Binds text that is UTF-8 already.</summary>
    public void Bind(int parameter, ReadOnlySpan<byte> utf8)
    {
        // An empty span has no address, and SQLite takes text without an address for NULL.
        Check(utf8.IsEmpty
            ? raw.sqlite3_bind_text(_statement, parameter, "")
            : raw.sqlite3_bind_text(_statement, parameter, utf8));
    }

    /// <summary>Goes to the next row.</summary>
    /// <returns><see langword="false"/> if there is none.</returns>
    public bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result == raw.SQLITE_ROW)
            return true;
        if (result != raw.SQLITE_DONE)
            SqliteException.ThrowExceptionForRC(result, _database);
        return false;
    }

    /// <summary>Runs a statement that gives no rows.</summary>
    /// <returns>How many rows it inserted, updated or deleted.</returns>
    public int Run()
    {
        while (Step())
        {
        }

        return raw.sqlite3_changes(_database);
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public long? OptionalInt64(int column) => IsNull(column) ? null : Int64(column);

    public string Text(int column) => Encoding.UTF8.GetString(raw.sqlite3_column_blob(_statement, column));

    /// <summary>Text that is the same in many rows: the last one again, if it is that.</summary>
    public string Name(int column)
    {
        var utf8 = raw.sqlite3_column_blob(_statement, column);
        return _lastName is { } last && Ascii.Equals(utf8, last) ? last : _lastName = Encoding.UTF8.GetString(utf8);
    }

    public string? OptionalText(int column) => IsNull(column) ? null : Text(column);

    public void Dispose()
    {
        // Reset repeats the error of the last step, which has been thrown.
        _ = raw.sqlite3_reset(_statement);
        _ = raw.sqlite3_clear_bindings(_statement);
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
            SqliteException.ThrowExceptionForRC(result, _database);
    }
}
