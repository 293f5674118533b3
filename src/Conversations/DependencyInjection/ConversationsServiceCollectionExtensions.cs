using Conversations;
using Conversations.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers conversations.</summary>
public static class ConversationsServiceCollectionExtensions
{
    /// <summary>Adds a singleton <see cref="ConversationManager"/>, and a <see cref="ConversationMaintenance"/> beside it. A store must be chosen on what is returned; without one, start-up fails.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the project and adds agents. Called several times, the settings add up.</param>
    /// <returns>A builder, for the choice of a store.</returns>
    public static ConversationsBuilder AddConversations(this IServiceCollection services, Action<ConversationOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<ConversationOptions>().ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ConversationOptions>, ConversationOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static provider => new ConversationManager(
            StoreOf(provider),
            provider.GetRequiredService<IOptions<ConversationOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILogger<ConversationManager>>()));
        services.TryAddSingleton(static provider => new ConversationMaintenance(
            StoreOf(provider),
            provider.GetRequiredService<IOptions<ConversationOptions>>().Value,
            provider.GetRequiredService<TimeProvider>()));
        return new ConversationsBuilder(services);
    }

    /// <summary>Keeps conversations in memory: they are gone when the process ends.</summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The same builder.</returns>
    public static ConversationsBuilder UseInMemory(this ConversationsBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IConversationStore>(static provider => new InMemoryConversationStore(provider.GetRequiredService<TimeProvider>()));
        return builder;
    }

    private static IConversationStore StoreOf(IServiceProvider provider) =>
        provider.GetService<IConversationStore>() ?? throw new InvalidOperationException(ConversationOptionsValidator.NoStore);
}
