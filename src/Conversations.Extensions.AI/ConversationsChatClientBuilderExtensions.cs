using Conversations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.AI;

/// <summary>Extension methods that add conversations to pipelines of chat clients.</summary>
public static class ConversationsChatClientBuilderExtensions
{
    /// <summary>Adds conversations: each request that reaches this place of the pipeline is a turn. Add the client that calls functions after it, and a cache of responses after that, beside the model.</summary>
    /// <remarks>The manager is taken from the services of the pipeline when the pipeline is built. A request is of the caller that <paramref name="identity"/> returns, otherwise of the one in its options (<see cref="ConversationChatOptions.Identity"/>),
    /// and without one throws an <see cref="IdentityRequiredException"/>: a pipeline never has the host's view of all conversations. For that, call <see cref="ChatClientConversationsExtensions.WithConversations"/> with the manager.
    /// Add no cache of responses before it: its key knows neither the caller nor the history, so it would return the answers of one caller to others, and no later client can see it.</remarks>
    /// <param name="builder">The builder of the pipeline.</param>
    /// <param name="agent">The name of the agent.</param>
    /// <param name="identity">Returns the authenticated caller, such as the user of the current web request; <see langword="null"/>, also as its result, if the options of the request name the caller. It gets the services of the pipeline, is called for each request, and can be called by several at the same time.
    /// A pipeline that is a singleton has the services of the application: take the current request from an <c>IHttpContextAccessor</c>.</param>
    /// <param name="serviceKey">The key of the <see cref="ConversationManager"/>, if it is a keyed service; <see langword="null"/> for the one without a key.</param>
    /// <param name="configure">Sets the options of the client; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">The name of the agent is empty or blank. When the pipeline is built: an option has an undefined value, the pipeline has conversations already, or a cache of responses is around the client that calls functions.</exception>
    /// <exception cref="InvalidOperationException">When the pipeline is built: its services have no such manager.</exception>
    public static ChatClientBuilder UseConversations(
        this ChatClientBuilder builder, string agent, Func<IServiceProvider, ConversationIdentity?>? identity = null, object? serviceKey = null, Action<ConversationChatClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(agent);
        return builder.Use((innerClient, services) =>
        {
            var options = new ConversationChatClientOptions();
            configure?.Invoke(options);
            return new ConversationChatClient(innerClient, ManagerOf(services, serviceKey), agent, () => identity?.Invoke(services), options, services.GetService<ILogger<ConversationChatClient>>());
        });
    }

    private static ConversationManager ManagerOf(IServiceProvider services, object? serviceKey)
    {
        if (serviceKey is null)
            return services.GetService<ConversationManager>() ?? throw new InvalidOperationException("No ConversationManager is registered. Call AddConversations() on the services, and build the pipeline with them: Build(services).");

        // Other containers than that of Microsoft may have no keyed services.
        return (services as IKeyedServiceProvider)?.GetKeyedService(typeof(ConversationManager), serviceKey) as ConversationManager
            ?? throw new InvalidOperationException("No ConversationManager is registered with that key. Call AddKeyedConversations() with the key on the services, and build the pipeline with them: Build(services).");
    }
}
