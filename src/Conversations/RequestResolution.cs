namespace Conversations;

/// <summary>The resolution of a request: mode, scope, and reason.</summary>
internal readonly record struct RequestResolution(AgentDefinition Agent, PersistenceMode Mode, ResolutionReason Reason, ConversationScope? Scope)
{
    /// <summary>Why the request is refused for its caller; null if it is not.</summary>
    public IdentityRequiredException? Refusal { get; init; }

    /// <summary>Resolves a request. Only this method combines modes, channels, threads and identities.</summary>
    public static RequestResolution Of(AgentCatalog agents, AgentDefinition agent, ConversationIdentity? caller, TurnRequest request)
    {
        var mode = agent.ModeOf(request.Channel);
        if (request.ConversationId is null)
            return OfScope(agents, agent, mode, caller, request.Channel, request.Thread, nameof(request));

        if (mode == PersistenceMode.Stateless)
            throw new ArgumentException($"Agent '{agent.Name}' is stateless in channel '{request.Channel}': it cannot continue a conversation.", nameof(request));
        if (request.Thread is not null || request.StartNew)
            throw new ArgumentException("ConversationId cannot be combined with Thread or StartNew.", nameof(request));

        return new RequestResolution(agent, mode, ResolutionReason.ConversationId, null) { Refusal = agents.RefusalOf(agent, caller, isShared: false) };
    }

    /// <summary>Resolves the scope of an agent's conversations, for operations that require one. Errors name one parameter if it contains all values,
    /// otherwise agent, thread and channel.</summary>
    /// <exception cref="IdentityRequiredException">The agent is per user and the caller has no identity.</exception>
    /// <exception cref="ArgumentException">The agent is stateless, or an argument is not valid.</exception>
    public static ConversationScope ScopeOf(
        AgentCatalog agents, AgentDefinition agent, ConversationIdentity? caller, string? thread, string channel, string? parameter = null)
    {
        WellFormed.OptionalKey(thread, parameter ?? nameof(thread));
        WellFormed.Key(channel, parameter ?? nameof(channel));
        var resolution = OfScope(agents, agent, agent.ModeOf(channel), caller, channel, thread, parameter ?? nameof(thread));
        if (resolution.Refusal is not null)
            throw resolution.Refusal;

        return resolution.Scope ?? throw (resolution.Reason == ResolutionReason.NoIdentity
            ? new IdentityRequiredException(agent.Name)
            : new ArgumentException($"Agent '{agent.Name}' is stateless in channel '{channel}': it has no conversations.", parameter ?? nameof(agent)));
    }

    private static RequestResolution OfScope(
        AgentCatalog agents, AgentDefinition agent, PersistenceMode mode, ConversationIdentity? caller, string channel, string? thread, string parameter)
    {
        if (thread is not null)
        {
            return mode == PersistenceMode.Stateless
                ? throw new ArgumentException($"Agent '{agent.Name}' is stateless in channel '{channel}': it cannot use a thread.", parameter)
                : Shared(ResolutionReason.Thread);
        }

        return mode switch
        {
            PersistenceMode.Stateless => new RequestResolution(agent, mode, ResolutionReason.Stateless, null),
            PersistenceMode.Shared => Shared(ResolutionReason.Shared),
            _ => new RequestResolution(
                agent,
                mode,
                caller is null ? ResolutionReason.NoIdentity : ResolutionReason.Identity,
                caller is null ? null : new ConversationScope(agents.Project, agent.Name, ConversationOwner.Of(caller), channel))
            {
                Refusal = agents.RefusalOf(agent, caller, isShared: false),
            },
        };

        RequestResolution Shared(ResolutionReason reason) =>
            new(agent, mode, reason, new ConversationScope(agents.Project, agent.Name, ConversationOwner.SharedBy(agent.PartitionBy, caller, thread), channel: null))
            {
                Refusal = agents.RefusalOf(agent, caller, isShared: true),
            };
    }
}
