using Microsoft.Data.Sqlite;

namespace Conversations.Storage;

/// <summary>The host's connection string, checked, and the ones that are made of it.</summary>
internal sealed class SqliteConnectionString
{
    private const string DataDirectory = "|DataDirectory|";
    private const string UriScheme = "file:";

    private readonly bool _creates;
    private readonly string _path;

    public SqliteConnectionString(string connectionString)
    {
        // Closed means closed, and a shared cache has locks of its own.
        var builder = Parse(connectionString);
        builder.Pooling = false;
        builder.Cache = SqliteCacheMode.Private;
        var source = builder.DataSource;
        if (source.Length == 0)
            throw new ArgumentException("The connection string names no file. It should say where, as in 'Data Source=conversations.db'.", nameof(connectionString));
        if (IsMemory(builder))
            throw new ArgumentException("Every connection would have a database of its own in memory. For a store in memory, call UseInMemory().", nameof(connectionString));

        if (builder.Password.Length > 0)
            throw new ArgumentException("The SQLite that comes with this package cannot encrypt: the connection string has a password.", nameof(connectionString));

        _path = PathOf(source);
        if (!IsUri(source))
            builder.DataSource = _path;
        _creates = builder.Mode == SqliteOpenMode.ReadWriteCreate;
        Writer = builder.ConnectionString;
        if (_creates)
            builder.Mode = SqliteOpenMode.ReadWrite;
        Reader = builder.ConnectionString;
    }

    /// <summary>For the connection that opens the database first, and writes.</summary>
    public string Writer { get; }

    /// <summary>For the connections that read: they create nothing.</summary>
    public string Reader { get; }

    /// <summary>Creates the file, if it is to be created, before SQLite does: SQLite would let others read it.</summary>
    public void CreateFile()
    {
        if (!_creates || OperatingSystem.IsWindows() || File.Exists(_path))
            return;

        try
        {
            using var file = new FileStream(_path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another process was faster, or there is no such directory. The inner message would tell the path.
            if (!File.Exists(_path))
                throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, $"The database file cannot be created ({exception.GetType().Name}).");
        }
    }

    private static SqliteConnectionStringBuilder Parse(string connectionString)
    {
        try
        {
            return new SqliteConnectionStringBuilder(connectionString);
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException("The connection string cannot be read.", nameof(connectionString), exception);
        }
    }

    private static bool IsUri(string source) => source.StartsWith(UriScheme, StringComparison.OrdinalIgnoreCase);

    private static bool IsMemory(SqliteConnectionStringBuilder builder) =>
        builder.Mode == SqliteOpenMode.Memory
        || string.Equals(builder.DataSource, ":memory:", StringComparison.OrdinalIgnoreCase)
        || (IsUri(builder.DataSource)
            && (builder.DataSource.StartsWith("file::memory:", StringComparison.OrdinalIgnoreCase)
                || builder.DataSource.Contains("mode=memory", StringComparison.OrdinalIgnoreCase)));

    private static string PathOf(string source)
    {
        if (IsUri(source))
            source = PathOfUri(source[UriScheme.Length..]);
        else if (source.StartsWith(DataDirectory, StringComparison.OrdinalIgnoreCase))
            source = Path.Combine(AppDomain.CurrentDomain.GetData("DataDirectory") as string ?? AppContext.BaseDirectory, source[DataDirectory.Length..].TrimStart('/', '\\'));

        // The directory of now: the process may go elsewhere before the first use.
        return Path.GetFullPath(source);
    }

    /// <summary>The path of <c>file:data.db?cache=private</c> or <c>file://localhost/data.db</c>, with <c>file:</c> taken off.</summary>
    private static string PathOfUri(string rest)
    {
        var path = rest.Split('?', '#')[0];
        if (path.StartsWith("//", StringComparison.Ordinal))
            path = path.IndexOf('/', 2) is var root and > 0 ? path[root..] : "/";
        return Uri.UnescapeDataString(path);
    }
}
