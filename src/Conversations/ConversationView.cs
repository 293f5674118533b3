using Conversations.Storage;

namespace Conversations;

/// <summary>Provides the operations of one caller: the host, which can access its whole project (<see cref="ConversationManager"/>), or one identity (<see cref="ScopedConversations"/>).</summary>
/// <remarks>
/// <para>This type is thread-safe. An id is not a permission: a conversation that the caller cannot access is reported exactly like one that does not exist.</para>
/// <para>An id is unknown if it does not exist, cannot be accessed by the caller, or does not have the format of such an id. For an unknown id, <see cref="GetAsync"/>, <see cref="GetRunAsync"/> and <see cref="GetSummaryAsync"/>
/// return <see langword="null"/>, delete operations and <see cref="StopAsync"/> return <see langword="false"/> or do not count it, and every other member throws <see cref="ConversationNotFoundException"/>.</para>
/// <para>Every member can throw <see cref="ConversationStoreException"/> if the store fails, <see cref="OperationCanceledException"/> if the operation is cancelled before
/// anything was written, and <see cref="ArgumentException"/>, with the parameter name, for an empty or ill-formed name, key or id or an agent that was not added. In these cases nothing is written.</para>
/// </remarks>
public abstract partial class ConversationView
{
    private readonly ConversationAccess? _access;

    private protected ConversationView(ConversationServices services, ConversationAccess access, ConversationIdentity? caller, ConversationGrants grants)
    {
        Services = services;
        _access = access;
        Caller = caller;
        Grants = grants;
    }

    /// <summary>Initializes a substitute for tests. It has no store.</summary>
    private protected ConversationView()
    {
    }

    private protected ConversationServices Services { get => field ?? throw NotOverridden(); }

    private protected ConversationIdentity? Caller { get; }

    private protected ConversationGrants Grants { get => field ?? throw NotOverridden(); }

    /// <summary>Gets whether the instance was created as a substitute for tests.</summary>
    private protected bool IsSubstitute => _access is null;

    private ConversationAccess Access => _access ?? throw NotOverridden();

    /// <summary>Returns the access of a request that names a scope. A thread that is named by its key is reached for the request alone.</summary>
    private ConversationAccess AccessTo(ConversationScope? scope) => scope is null ? Access : Access.Including(scope);

    private IConversationStore Store => Services.Store;

    private ConversationEngine Engine => Services.Turns.Engine;

    private protected static NotSupportedException NotOverridden() => new("The instance was created as a substitute and has no store. Override the member, or use InMemoryConversationStore.");

    private async ValueTask<ConversationScope> ScopeOfAsync(string agent, string? thread, string channel, CancellationToken cancellationToken)
    {
        Grants.Allowed(channel, nameof(channel));
        return RequestResolution.ScopeOf(Services.Agents, await Services.Agents.GetAsync(agent, nameof(agent), cancellationToken).ConfigureAwait(false), Caller, thread, channel);
    }

    /// <summary>Resolves a request, whose channel the view must be able to name.</summary>
    private RequestResolution Resolve(TurnRequest request, AgentDefinition agent)
    {
        Grants.Allowed(request.Channel, nameof(request));
        MetadataSize.Checked(request.ConversationMetadata, Services.Agents.Limits, nameof(request));
        return RequestResolution.Of(Services.Agents, agent, Caller, request);
    }

    private async Task<Conversation> FindAsync(string conversationId, CancellationToken cancellationToken) =>
        await GetAsync(conversationId, cancellationToken).ConfigureAwait(false) ?? throw new ConversationNotFoundException(conversationId);
}
