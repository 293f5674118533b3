using Microsoft.Extensions.DependencyInjection;

namespace Conversations;

/// <summary>The result of <c>AddConversations</c>, on which a store is selected.</summary>
public sealed class ConversationsBuilder
{
    internal ConversationsBuilder(IServiceCollection services) => Services = services;

    /// <summary>Gets the services. The package of a store registers its <c>IConversationStore</c> here. The last registration is used.</summary>
    public IServiceCollection Services { get; }
}
