using Conversations.Storage;

namespace Conversations;

/// <summary>What one caller can do: the host, which sees all of its project (<see cref="ConversationManager"/>), or one identity (<see cref="ScopedConversations"/>).</summary>
/// <remarks>
/// <para>Safe from any thread. An id is not a permission: a conversation that the caller does not reach is not found, in the words of one that does not exist.</para>
/// <para>Every member may throw <see cref="ConversationStoreException"/> if the store fails, <see cref="OperationCanceledException"/> if cancelled before
/// anything was written, and <see cref="ArgumentException"/>, naming the parameter, for an empty or ill-formed name, key or id or an agent that was not added; nothing is written then.</para>
/// </remarks>
public abstract partial class ConversationView
{
    private readonly ConversationServices _services;
    private readonly ConversationAccess _access;
    private readonly ConversationIdentity? _caller;

    private protected ConversationView(ConversationServices services, ConversationAccess access, ConversationIdentity? caller)
    {
        _services = services;
        _access = access;
        _caller = caller;
    }

    private IConversationStore Store => _services.Store;

    private ConversationScope ScopeOf(string agent, string? thread, string channel) =>
        RequestResolution.ScopeOf(_services.Agents, _caller, agent, thread, channel);

    private async Task<Conversation> FindAsync(string conversationId, CancellationToken cancellationToken) =>
        await GetAsync(conversationId, cancellationToken).ConfigureAwait(false) ?? throw new ConversationNotFoundException(conversationId);
}
