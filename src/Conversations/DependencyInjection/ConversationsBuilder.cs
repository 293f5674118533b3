using Conversations.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Conversations;

/// <summary>The result of <c>AddConversations</c>, on which a store is selected.</summary>
public sealed class ConversationsBuilder
{
    internal ConversationsBuilder(IServiceCollection services, string? key)
    {
        Services = services;
        Key = key;
    }

    /// <summary>Gets the services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Gets the key of the manager and its store; <see langword="null"/> for the manager without a key.</summary>
    public string? Key { get; }

    /// <summary>Gets the name of the options of this manager, which is its key or the default name.</summary>
    public string OptionsName => Key ?? Options.DefaultName;

    /// <summary>Gets or sets the name of the connection string in the configuration of the host that a store uses if it is selected without one; <see langword="null"/> for none.</summary>
    public string? ConnectionName { get; set; }

    /// <summary>Selects the store of this manager. If several are selected, the last one is used and a warning is logged.</summary>
    /// <param name="create">Creates the store, once. The container disposes it.</param>
    /// <returns>This builder.</returns>
    public ConversationsBuilder UseStore(Func<IServiceProvider, IConversationStore> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        if (Key is null)
            Services.AddSingleton(create);
        else
            Services.AddKeyedSingleton(Key, (provider, _) => create(provider));
        return this;
    }
}
