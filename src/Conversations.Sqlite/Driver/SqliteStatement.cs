using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Conversations.Storage;

/// <summary>One use of a prepared statement: bind, step, read. Disposing it prepares the statement for the next use.</summary>
/// <remarks>Parameters are counted from 1, columns from 0. Text is bound and read by its length, so that NUL is preserved.</remarks>
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

    /// <summary>Binds text and its checksum.</summary>
    /// <param name="parameter">The parameter of the text.</param>
    /// <param name="value">The text.</param>
    /// <param name="checksumParameter">The parameter of the checksum.</param>
    /// <param name="seed">What the checksum also covers.</param>
    public void Bind(int parameter, string value, int checksumParameter, long seed)
    {
        var size = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (size <= StackLimit)
        {
            Span<byte> buffer = stackalloc byte[StackLimit];
            Bind(parameter, buffer[..Encoding.UTF8.GetBytes(value, buffer)], checksumParameter, seed);
            return;
        }

        var rented = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            Bind(parameter, rented.AsSpan(0, Encoding.UTF8.GetBytes(value, rented)), checksumParameter, seed);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Binds UTF-8 text and its checksum.</summary>
    public void Bind(int parameter, ReadOnlySpan<byte> utf8, int checksumParameter, long seed)
    {
        Bind(checksumParameter, Checksum.Of(utf8, seed));
        Bind(parameter, utf8);
    }

    /// <summary>Binds UTF-8 text.</summary>
    public void Bind(int parameter, ReadOnlySpan<byte> utf8)
    {
        // An empty span has no address, and SQLite treats text without an address as NULL.
        Check(utf8.IsEmpty
            ? raw.sqlite3_bind_text(_statement, parameter, "")
            : raw.sqlite3_bind_text(_statement, parameter, utf8));
    }

    /// <summary>Binds bytes.</summary>
    public void BindBlob(int parameter, ReadOnlySpan<byte> bytes)
    {
        // As for text: an empty span has no address.
        Check(bytes.IsEmpty ? raw.sqlite3_bind_zeroblob(_statement, parameter, 0) : raw.sqlite3_bind_blob(_statement, parameter, bytes));
    }

    /// <summary>Moves to the next row.</summary>
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

    /// <summary>Runs a statement that returns no rows.</summary>
    /// <returns>The number of rows that it inserted, updated or deleted.</returns>
    public int Run()
    {
        while (Step())
        {
        }

        return raw.sqlite3_changes(_database);
    }

    /// <summary>Runs a statement that returns no rows, unless another process has the database locked. That is frequent and no exception.</summary>
    /// <returns><see langword="false"/> if it has.</returns>
    public bool TryRun()
    {
        var result = raw.sqlite3_step(_statement);
        if ((result & 0xFF) == raw.SQLITE_BUSY)
            return false;
        if (result != raw.SQLITE_DONE)
            SqliteException.ThrowExceptionForRC(result, _database);
        return true;
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    // Windows have many rows, so each call of SQLite matters. The type is read only if the value does not determine it.
    public long? OptionalInt64(int column) => Int64(column) is var value && value == 0 && IsNull(column) ? null : value;

    /// <summary>Reads text that has a checksum.</summary>
    /// <returns>The text; <see langword="null"/> if it is not what was written.</returns>
    public string? CheckedText(int column, int checksumColumn, long seed)
    {
        var utf8 = raw.sqlite3_column_blob(_statement, column);
        return Checksum.Of(utf8, seed) == Int64(checksumColumn) ? Encoding.UTF8.GetString(utf8) : null;
    }

    public byte[] Blob(int column) => raw.sqlite3_column_blob(_statement, column).ToArray();

    public string Text(int column) => Encoding.UTF8.GetString(raw.sqlite3_column_blob(_statement, column));

    /// <summary>Reads text that is the same in many rows, and returns the last string again if it is equal.</summary>
    public string Name(int column)
    {
        var utf8 = raw.sqlite3_column_blob(_statement, column);
        return _lastName is { } last && Ascii.Equals(utf8, last) ? last : _lastName = Encoding.UTF8.GetString(utf8);
    }

    public string? OptionalText(int column)
    {
        var utf8 = raw.sqlite3_column_blob(_statement, column);
        return utf8.IsEmpty && IsNull(column) ? null : Encoding.UTF8.GetString(utf8);
    }

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
