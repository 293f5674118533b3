using Microsoft.Extensions.DependencyInjection;

namespace Conversations;

/// <summary>What <c>AddConversations</c> returns, for the choice of a store.</summary>
public sealed class ConversationsBuilder
{
    internal ConversationsBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services that conversations were added to; a store's package registers its <c>IConversationStore</c> here. The last one chosen counts.</summary>
    public IServiceCollection Services { get; }
}
