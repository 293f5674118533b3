using Conversations;
using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that register the SQLite store.</summary>
public static class SqliteConversationsBuilderExtensions
{
    /// <summary>Stores conversations in a SQLite file, which is created at the first use.</summary>
    /// <param name="builder">The builder that <c>AddConversations</c> returned.</param>
    /// <param name="connectionString">The connection string of Microsoft.Data.Sqlite, such as <c>Data Source=conversations.db</c>.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">The connection string is not valid, does not name a file, or names an in-memory database.</exception>
    public static ConversationsBuilder UseSqlite(this ConversationsBuilder builder, string connectionString) =>
        builder.UseSqlite(options => options.ConnectionString = connectionString);

    /// <summary>Stores conversations in a SQLite file, which is created at the first use.</summary>
    /// <param name="builder">The builder that <c>AddConversations</c> returned.</param>
    /// <param name="configure">Sets the connection string and the other options.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the connection string is not valid, does not name a file, or names an in-memory database.</exception>
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
