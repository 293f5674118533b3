using Conversations;
using Conversations.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that register the SQLite store.</summary>
public static class SqliteConversationsBuilderExtensions
{
    /// <summary>Stores conversations in a SQLite file, which is created at the first use.</summary>
    /// <param name="builder">The builder that <c>AddConversations</c> returned.</param>
    /// <param name="connectionString">The connection string of Microsoft.Data.Sqlite, such as <c>Data Source=conversations.db</c>. A relative path is relative to the content root of the host, or to the current directory where there is no host.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">The connection string is not valid, does not name a file, or names an in-memory database.</exception>
    public static ConversationsBuilder UseSqlite(this ConversationsBuilder builder, string connectionString)
    {
        _ = new SqliteConnectionString(connectionString);
        return builder.UseSqlite(options => options.ConnectionString = connectionString);
    }

    /// <summary>Stores conversations in a SQLite file, which is created at the first use, with the connection string of <see cref="ConversationsBuilder.ConnectionName"/> in the configuration of the host.</summary>
    /// <param name="builder">The builder that <c>AddConversations</c> of a host returned.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">The builder has no connection name.</exception>
    public static ConversationsBuilder UseSqlite(this ConversationsBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var name = builder.ConnectionName ?? throw new InvalidOperationException("The builder has no connection name. Call UseSqlite with a connection string, or AddConversations(connectionName) on the builder of a host.");
        return builder.UseSqlite((provider, options) => options.ConnectionString = provider.GetRequiredService<IConfiguration>().GetConnectionString(name)
            ?? throw new InvalidOperationException($"The configuration has no connection string '{name}'. Add ConnectionStrings:{name}, such as 'Data Source=conversations.db'."));
    }

    /// <summary>Stores conversations in a SQLite file, which is created at the first use.</summary>
    /// <param name="builder">The builder that <c>AddConversations</c> returned.</param>
    /// <param name="configure">Sets the connection string and the other options. They are validated when the host starts, or at the first use.</param>
    /// <returns>The same builder.</returns>
    public static ConversationsBuilder UseSqlite(this ConversationsBuilder builder, Action<SqliteConversationStoreOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return builder.UseSqlite((_, options) => configure(options));
    }

    /// <summary>Stores conversations in a SQLite file, which is created at the first use, with services at hand, such as the configuration of the host.</summary>
    /// <param name="builder">The builder that <c>AddConversations</c> returned.</param>
    /// <param name="configure">Sets the connection string and the other options. They are the named options of <see cref="ConversationsBuilder.OptionsName"/>, and validated when the host starts, or at the first use.</param>
    /// <returns>The same builder.</returns>
    public static ConversationsBuilder UseSqlite(this ConversationsBuilder builder, Action<IServiceProvider, SqliteConversationStoreOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.AddOptions<SqliteConversationStoreOptions>(builder.OptionsName)
            .Configure<IServiceProvider>((options, provider) =>
            {
                options.BaseDirectory = provider.GetService<IHostEnvironment>()?.ContentRootPath;
                configure(provider, options);
            })
            .ValidateOnStart();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SqliteConversationStoreOptions>, Validator>());
        return builder.UseStore(provider => new SqliteConversationStore(
            provider.GetRequiredService<IOptionsMonitor<SqliteConversationStoreOptions>>().Get(builder.OptionsName),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILogger<SqliteConversationStore>>()));
    }

    private sealed class Validator : IValidateOptions<SqliteConversationStoreOptions>
    {
        public ValidateOptionsResult Validate(string? name, SqliteConversationStoreOptions options)
        {
            try
            {
                SqliteConversationStoreOptions.Validate(options);
                return ValidateOptionsResult.Success;
            }
            catch (ArgumentException exception)
            {
                return ValidateOptionsResult.Fail(exception.Message);
            }
        }
    }
}
