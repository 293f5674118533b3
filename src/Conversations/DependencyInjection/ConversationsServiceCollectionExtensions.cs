using System.Diagnostics.CodeAnalysis;
using Conversations;
using Conversations.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Provides extension methods that register conversations.</summary>
public static class ConversationsServiceCollectionExtensions
{
    /// <summary>Adds a singleton <see cref="ConversationManager"/>, and a singleton <see cref="ConversationMaintenance"/>. Select a store on the returned builder; without one, start-up fails. When a host stops, the manager ends its open turns, as <see cref="ConversationManager.DisposeAsync"/> does.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the project and adds agents. The settings of several calls are combined.</param>
    /// <returns>A builder on which a store is selected.</returns>
    public static ConversationsBuilder AddConversations(this IServiceCollection services, Action<ConversationOptions>? configure = null) =>
        Add(services, key: null, configuration: null, configure);

    /// <summary>Adds a manager, as <see cref="AddConversations(IServiceCollection, Action{ConversationOptions})"/> does, with settings of a configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">A section with the properties of <see cref="ConversationOptions"/>, and under <c>Agents</c> and <c>Prices</c> a section for each agent and model. It is read once. What cannot be read, and what is not known, is an <see cref="OptionsValidationException"/> at start-up that names its path.</param>
    /// <param name="configure">Sets what a configuration cannot create, and defaults: values of the configuration override those that it sets.</param>
    /// <returns>A builder on which a store is selected.</returns>
    public static ConversationsBuilder AddConversations(this IServiceCollection services, IConfiguration configuration, Action<ConversationOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Add(services, key: null, configuration, configure);
    }

    /// <summary>Adds a manager with a store of its own under a key, beside others: resolve it with the key, as in <c>[FromKeyedServices("support")] ConversationManager</c>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="key">The key of the manager and of its <see cref="ConversationMaintenance"/>.</param>
    /// <param name="configure">Sets the project and adds agents. The settings of several calls are combined.</param>
    /// <returns>A builder on which the store of this manager is selected.</returns>
    /// <exception cref="ArgumentException">The key is blank.</exception>
    public static ConversationsBuilder AddKeyedConversations(this IServiceCollection services, string key, Action<ConversationOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        return Add(services, key, configuration: null, configure);
    }

    /// <summary>Adds a manager under a key, with settings of a configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="key">The key of the manager and of its <see cref="ConversationMaintenance"/>.</param>
    /// <param name="configuration">A section, as of <see cref="AddConversations(IServiceCollection, IConfiguration, Action{ConversationOptions})"/>.</param>
    /// <param name="configure">Sets what a configuration cannot create, and defaults: values of the configuration override those that it sets.</param>
    /// <returns>A builder on which the store of this manager is selected.</returns>
    /// <exception cref="ArgumentException">The key is blank.</exception>
    public static ConversationsBuilder AddKeyedConversations(this IServiceCollection services, string key, IConfiguration configuration, Action<ConversationOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        ArgumentNullException.ThrowIfNull(configuration);
        return Add(services, key, configuration, configure);
    }

    /// <summary>Stores conversations in memory. They are lost when the process ends.</summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The same builder.</returns>
    public static ConversationsBuilder UseInMemory(this ConversationsBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseStore(static provider => new InMemoryConversationStore(provider.GetRequiredService<TimeProvider>()));
    }

    /// <summary>Finds agents of this manager that were not added by a provider of the host, so that agents are added, changed and removed while the host runs.</summary>
    /// <typeparam name="T">The provider, a singleton.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <returns>The same builder.</returns>
    public static ConversationsBuilder UseAgentOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(this ConversationsBuilder builder)
        where T : class, IAgentOptionsProvider
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.Key is null)
            builder.Services.AddSingleton<IAgentOptionsProvider, T>();
        else
            builder.Services.AddKeyedSingleton<IAgentOptionsProvider, T>(builder.Key);
        return builder;
    }

    private static ConversationsBuilder Add(IServiceCollection services, string? key, IConfiguration? configuration, Action<ConversationOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        var builder = new ConversationsBuilder(services, key);
        var options = services.AddOptions<ConversationOptions>(builder.OptionsName).ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        if (configuration is not null)
            services.AddSingleton<IConfigureOptions<ConversationOptions>>(new ConversationSettings(builder.OptionsName, configuration));

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ConversationOptions>, ConversationOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ConversationShutdown>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ConversationShutdown>(static provider => provider.GetRequiredService<ConversationShutdown>()));
        if (key is null)
        {
            services.TryAddSingleton(provider => ManagerOf(provider, builder));
            services.TryAddSingleton(provider => MaintenanceOf(provider, builder));
        }
        else
        {
            services.TryAddKeyedSingleton(key, (provider, _) => ManagerOf(provider, builder));
            services.TryAddKeyedSingleton(key, (provider, _) => MaintenanceOf(provider, builder));
        }

        return builder;
    }

    private static ConversationManager ManagerOf(IServiceProvider provider, ConversationsBuilder builder)
    {
        var logger = provider.GetService<ILogger<ConversationManager>>();
        var stores = builder.Services.Count(service => service.ServiceType == typeof(IConversationStore) && Equals(service.ServiceKey, builder.Key));
        if (stores > 1 && logger is not null)
            Log.SeveralStores(logger, stores);

        return provider.GetRequiredService<ConversationShutdown>().Add(new ConversationManager(
            StoreOf(provider, builder), OptionsOf(provider, builder), provider.GetRequiredService<TimeProvider>(), logger, ServiceOf<IAgentOptionsProvider>(provider, builder)));
    }

    private static ConversationMaintenance MaintenanceOf(IServiceProvider provider, ConversationsBuilder builder) =>
        new(StoreOf(provider, builder), OptionsOf(provider, builder), provider.GetRequiredService<TimeProvider>());

    private static ConversationOptions OptionsOf(IServiceProvider provider, ConversationsBuilder builder) =>
        provider.GetRequiredService<IOptionsMonitor<ConversationOptions>>().Get(builder.OptionsName);

    private static IConversationStore StoreOf(IServiceProvider provider, ConversationsBuilder builder) =>
        ServiceOf<IConversationStore>(provider, builder) ?? throw new InvalidOperationException(ConversationOptionsValidator.NoStore);

    private static T? ServiceOf<T>(IServiceProvider provider, ConversationsBuilder builder) =>
        builder.Key is null ? provider.GetService<T>() : provider.GetKeyedService<T>(builder.Key);
}
