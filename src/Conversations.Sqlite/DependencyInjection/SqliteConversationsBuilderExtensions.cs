using Conversations;
using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the SQLite store.</summary>
public static class SqliteConversationsBuilderExtensions
{
    /// <summary>Keeps conversations in a SQLite file, which is created at the first use.</summary>
    /// <param name="builder">What <c>AddConversations</c> returned.</param>
    /// <param name="connectionString">The connection string of Microsoft.Data.Sqlite: <c>Data Source=conversations.db</c>.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">The connection string is empty, cannot be read or names a database in memory.</exception>
    public static ConversationsBuilder UseSqlite(this ConversationsBuilder builder, string connectionString) =>
        builder.UseSqlite(options => options.ConnectionString = connectionString);

    /// <summary>Keeps conversations in a SQLite file, which is created at the first use.</summary>
    /// <param name="builder">What <c>AddConversations</c> returned.</param>
    /// <param name="configure">Says where, and how it is opened.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">The connection string is empty, cannot be read or names a database in memory.</exception>
    public static ConversationsBuilder UseSqlite(this ConversationsBuilder builder, Action<SqliteConversationStoreOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new SqliteConversationStoreOptions();
        configure(options);
        SqliteConversationStoreOptions.Validate(options);
        builder.Services.AddSingleton<IConversationStore>(provider => new SqliteConversationStore(
            options,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILogger<SqliteConversationStore>>()));
        return builder;
    }
}
