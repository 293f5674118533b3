using Conversations.Storage;

namespace Conversations;

/// <summary>Configures a <see cref="SqliteConversationStore"/>.</summary>
public sealed class SqliteConversationStoreOptions
{
    /// <summary>Gets or sets the connection string of Microsoft.Data.Sqlite, such as <c>Data Source=conversations.db</c>. A relative path is relative to the content root of the host, or to the current directory where there is no host. The file is created, readable by
    /// its owner only, unless <c>Mode</c> prevents it. Connections are never pooled and never share a cache.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Gets or sets how long a call waits, from its arrival, while another process has the file locked; the default is 30 seconds. Processes lock it briefly, for each write.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets the number of connections that read, in addition to the one that writes; the default is 4.</summary>
    public int ReaderCount { get; set; } = 4;

    /// <summary>Gets or sets the directory of a relative path; null for the current directory.</summary>
    internal string? BaseDirectory { get; set; }

    /// <summary>Validates the options as far as possible without opening the database.</summary>
    /// <exception cref="ArgumentException">An option is out of range, or the connection string is not valid, does not name a file, or names an in-memory database.</exception>
    internal static void Validate(SqliteConversationStoreOptions options)
    {
        if (options.ReaderCount < 1)
            throw new ArgumentOutOfRangeException(nameof(options), "ReaderCount is less than 1. Set it to at least 1.");
        if (options.BusyTimeout < TimeSpan.Zero || options.BusyTimeout.TotalMilliseconds > int.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(options), "BusyTimeout is negative or too long. Set a value from zero to 24 days.");

        _ = new SqliteConnectionString(options.ConnectionString, options.BaseDirectory);
    }
}
