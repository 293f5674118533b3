using Conversations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microsoft.Agents.AI;

/// <summary>Extension methods that add conversations to pipelines of agents.</summary>
public static class ConversationsAIAgentBuilderExtensions
{
    /// <summary>Adds conversations to a pipeline: each run of the agents inside is a turn.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="conversations">The view of one caller (<see cref="ConversationManager.ForIdentity"/>), or the manager, for which <see cref="ConversationAgentOptions.Identity"/> names the caller.</param>
    /// <param name="agent">The name of the agent in the options of the manager.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <returns>The pipeline.</returns>
    public static AIAgentBuilder UseConversations(this AIAgentBuilder builder, ConversationView conversations, string agent, ConversationAgentOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var turns = new SessionTurns(conversations, agent, options);
        return builder.Use(innerAgent => new ConversationAgent(innerAgent, turns));
    }

    /// <summary>Adds conversations: each run of the agents inside is a turn. The manager is taken from the services of the pipeline when it is built.</summary>
    /// <remarks>A run is of the caller that <paramref name="identity"/> returns, otherwise <see cref="ConversationAgentOptions.Identity"/>, and without one throws an <see cref="IdentityRequiredException"/>:
    /// such a pipeline never has the host's view of all conversations. For that, pass the manager to the other overload.</remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="agent">The name of the agent in the options of the manager.</param>
    /// <param name="identity">Returns the authenticated caller, such as the user of the current web request; <see langword="null"/> to take it from the options. It gets the services of the pipeline and the session, is called once for each run, and can be called by several at the same time.
    /// A pipeline that is a singleton has the services of the application: take the current request from an <c>IHttpContextAccessor</c>.</param>
    /// <param name="serviceKey">The key of the <see cref="ConversationManager"/>, if it is a keyed service; <see langword="null"/> for the one without a key.</param>
    /// <param name="configure">Sets the other options; <see langword="null"/> for the defaults.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="ArgumentException">The name of the agent is empty or blank. When the pipeline is built: the agent inside has conversations already, or calls no chat client.</exception>
    /// <exception cref="InvalidOperationException">When the pipeline is built: its services have no such manager.</exception>
    public static AIAgentBuilder UseConversations(
        this AIAgentBuilder builder, string agent, Func<IServiceProvider, AgentSession, ConversationIdentity?>? identity = null, object? serviceKey = null, Action<ConversationAgentOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(agent);
        return builder.Use((innerAgent, services) =>
        {
            var options = new ConversationAgentOptions();
            configure?.Invoke(options);
            if (identity is not null)
                options.Identity = Identity(identity, services, options.Identity);
            var logger = (ILogger<ConversationChatClient>?)services.GetService(typeof(ILogger<ConversationChatClient>));
            return new ConversationAgent(innerAgent, new SessionTurns(ManagerOf(services, serviceKey), agent, options, logger, isForManyCallers: true));
        });
    }

    private static Func<AgentSession, ConversationIdentity?> Identity(Func<IServiceProvider, AgentSession, ConversationIdentity?> identity, IServiceProvider services, Func<AgentSession, ConversationIdentity?>? otherwise) =>
        session => identity(services, session) ?? otherwise?.Invoke(session);

    private static ConversationManager ManagerOf(IServiceProvider services, object? serviceKey) => serviceKey is null
        ? (ConversationManager?)services.GetService(typeof(ConversationManager)) ?? throw new InvalidOperationException("No ConversationManager is registered. Call AddConversations() on the services, and build the pipeline with them: Build(services).")
        : (services as IKeyedServiceProvider)?.GetKeyedService(typeof(ConversationManager), serviceKey) as ConversationManager
            ?? throw new InvalidOperationException("No ConversationManager is registered with that key. Call AddKeyedConversations() with the key on the services, and build the pipeline with them: Build(services).");
}
