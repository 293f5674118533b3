using System.Diagnostics.CodeAnalysis;
using Conversations;
using Conversations.Storage;
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
    public static ConversationsBuilder AddConversations(this IServiceCollection services, Action<ConversationOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<ConversationOptions>().ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ConversationOptions>, ConversationOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ConversationShutdown>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ConversationShutdown>(static provider => provider.GetRequiredService<ConversationShutdown>()));
        services.TryAddSingleton(static provider => provider.GetRequiredService<ConversationShutdown>().Manager = new ConversationManager(
            StoreOf(provider),
            provider.GetRequiredService<IOptions<ConversationOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILogger<ConversationManager>>(),
            provider.GetService<IAgentOptionsProvider>()));
        services.TryAddSingleton(static provider => new ConversationMaintenance(
            StoreOf(provider),
            provider.GetRequiredService<IOptions<ConversationOptions>>().Value,
            provider.GetRequiredService<TimeProvider>()));
        return new ConversationsBuilder(services);
    }

    /// <summary>Stores conversations in memory. They are lost when the process ends.</summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The same builder.</returns>
    public static ConversationsBuilder UseInMemory(this ConversationsBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IConversationStore>(static provider => new InMemoryConversationStore(provider.GetRequiredService<TimeProvider>()));
        return builder;
    }

    /// <summary>Finds agents that were not added by a provider of the host, so that agents are added, changed and removed while the host runs.</summary>
    /// <typeparam name="T">The provider, a singleton.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <returns>The same builder.</returns>
    public static ConversationsBuilder UseAgentOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(this ConversationsBuilder builder)
        where T : class, IAgentOptionsProvider
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IAgentOptionsProvider, T>();
        return builder;
    }

    private static IConversationStore StoreOf(IServiceProvider provider) =>
        provider.GetService<IConversationStore>() ?? throw new InvalidOperationException(ConversationOptionsValidator.NoStore);
}
