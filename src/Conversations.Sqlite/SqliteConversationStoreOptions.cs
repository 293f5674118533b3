using Conversations.Storage;

namespace Conversations;

/// <summary>Where a <see cref="SqliteConversationStore"/> keeps its file, and how it opens it.</summary>
public sealed class SqliteConversationStoreOptions
{
    /// <summary>The connection string of Microsoft.Data.Sqlite: <c>Data Source=conversations.db</c>. The file is created, readable by
    /// its owner only, unless <c>Mode</c> says otherwise. Connections are neither pooled nor share a cache, whatever it says.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>How long a write waits for another process that writes to the same file.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many connections read at the same time, beside the one that writes.</summary>
    public int ReaderCount { get; set; } = 4;

    /// <summary>Sees what can be seen before the first use.</summary>
    /// <exception cref="ArgumentException">An option is out of range, or the connection string cannot be read, names no file or a database in memory.</exception>
    internal static void Validate(SqliteConversationStoreOptions options)
    {
        if (options.ReaderCount < 1)
            throw new ArgumentOutOfRangeException(nameof(options), "At least one connection reads.");
        if (options.BusyTimeout < TimeSpan.Zero || options.BusyTimeout.TotalMilliseconds > int.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(options), "The busy timeout is negative or longer than SQLite can wait.");

        _ = new SqliteConnectionString(options.ConnectionString);
    }
}
