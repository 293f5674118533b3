using System.Buffers;
using Microsoft.Data.Sqlite;

namespace Conversations.Storage;

/// <summary>Checks the connection string of the host, and derives those of the writer and the readers.</summary>
internal sealed class SqliteConnectionString
{
    private const string DataDirectory = "|DataDirectory|";
    private const string UriScheme = "file:";
    private const int LongestQuotedPath = 100;

    private static readonly SearchValues<char> NotInPaths = SearchValues.Create(";'\"");

    /// <summary>Parses a connection string.</summary>
    /// <param name="connectionString">The connection string of the host.</param>
    /// <param name="baseDirectory">The directory of a relative path; null for the current directory.</param>
    /// <exception cref="ArgumentException">It is not valid, does not name a file, or names an in-memory database.</exception>
    public SqliteConnectionString(string connectionString, string? baseDirectory = null)
    {
        // A pooled connection would keep the file open after the store is disposed, and a shared cache has separate locks.
        var builder = Parse(connectionString);
        builder.Pooling = false;
        builder.Cache = SqliteCacheMode.Private;
        var source = builder.DataSource;
        if (source.Length == 0)
            throw new ArgumentException("The connection string does not name a file. Use 'Data Source=conversations.db'.", nameof(connectionString));
        if (IsMemory(builder))
            throw new ArgumentException("Each connection would open a separate in-memory database. For a store in memory, call UseInMemory().", nameof(connectionString));

        if (builder.Password.Length > 0)
            throw new ArgumentException("The connection string has a password, but the SQLite library of this package does not support encryption. Remove the password.", nameof(connectionString));

        if (builder.ShouldSerialize("Default Timeout"))
            throw new ArgumentException("Default Timeout has no effect on this store. Remove it, and set BusyTimeout in the options of the store.", nameof(connectionString));

        Path = PathOf(source, baseDirectory);
        if (!IsUri(source))
            builder.DataSource = Path;
        Mode = builder.Mode;
        Writer = builder.ConnectionString;
        if (Mode == SqliteOpenMode.ReadWriteCreate)
            builder.Mode = SqliteOpenMode.ReadWrite;
        Reader = builder.ConnectionString;
        builder.Mode = SqliteOpenMode.ReadOnly;
        builder.DataSource = $"{UriScheme}{string.Join('/', Path.Split('/').Select(Uri.EscapeDataString))}?immutable=1";
        Immutable = builder.ConnectionString;
    }

    /// <summary>Gets the connection string of the writer, which opens the database first.</summary>
    public string Writer { get; }

    /// <summary>Gets the connection string of the readers, which never create the file.</summary>
    public string Reader { get; }

    /// <summary>Gets the connection string for a file that cannot be written to: SQLite reads it without a log and without locks.</summary>
    public string Immutable { get; }

    /// <summary>Gets the path of the file.</summary>
    public string Path { get; }

    /// <summary>Gets how the file may be used.</summary>
    public SqliteOpenMode Mode { get; }

    private static SqliteConnectionStringBuilder Parse(string connectionString)
    {
        try
        {
            return new SqliteConnectionStringBuilder(connectionString);
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"The connection string is not valid. {HintFor(connectionString)}", nameof(connectionString), exception);
        }
    }

    /// <summary>Returns what to write instead. Text with '=' is never quoted, because it can contain a password.</summary>
    private static string HintFor(string connectionString)
    {
        if (connectionString.Contains('=', StringComparison.Ordinal))
            return "Use the keywords of Microsoft.Data.Sqlite, as in 'Data Source=conversations.db'.";
        if (connectionString.Contains(":memory:", StringComparison.OrdinalIgnoreCase))
            return "For a store in memory, call UseInMemory().";

        var isPath = connectionString.Length <= LongestQuotedPath && !connectionString.AsSpan().ContainsAny(NotInPaths) && !connectionString.Any(char.IsControl);
        return $"Use 'Data Source={(isPath ? connectionString.Trim() : "conversations.db")}'.";
    }

    private static bool IsUri(string source) => source.StartsWith(UriScheme, StringComparison.OrdinalIgnoreCase);

    private static bool IsMemory(SqliteConnectionStringBuilder builder) =>
        builder.Mode == SqliteOpenMode.Memory
        || string.Equals(builder.DataSource, ":memory:", StringComparison.OrdinalIgnoreCase)
        || (IsUri(builder.DataSource)
            && (builder.DataSource.StartsWith("file::memory:", StringComparison.OrdinalIgnoreCase)
                || builder.DataSource.Contains("mode=memory", StringComparison.OrdinalIgnoreCase)));

    private static string PathOf(string source, string? baseDirectory)
    {
        // SQLite itself resolves the path of a URI, against the current directory.
        if (IsUri(source))
            return System.IO.Path.GetFullPath(PathOfUri(source[UriScheme.Length..]));
        if (source.StartsWith(DataDirectory, StringComparison.OrdinalIgnoreCase))
            source = System.IO.Path.Combine(AppDomain.CurrentDomain.GetData("DataDirectory") as string ?? AppContext.BaseDirectory, source[DataDirectory.Length..].TrimStart('/', '\\'));

        // Resolved now, because the current directory can change before the first use.
        return System.IO.Path.GetFullPath(source, baseDirectory ?? Environment.CurrentDirectory);
    }

    /// <summary>Returns the path of <c>file:data.db?cache=private</c> or <c>file://localhost/data.db</c>, given without <c>file:</c>.</summary>
    private static string PathOfUri(string rest)
    {
        var path = rest.Split('?', '#')[0];
        if (path.StartsWith("//", StringComparison.Ordinal))
            path = path.IndexOf('/', 2) is var root and > 0 ? path[root..] : "/";
        return Uri.UnescapeDataString(path);
    }
}
