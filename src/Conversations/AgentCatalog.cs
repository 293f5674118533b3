using Conversations.Storage;

namespace Conversations;

/// <summary>The agents of a manager.</summary>
internal sealed class AgentCatalog
{
    private readonly Dictionary<string, AgentDefinition> _agents;

    // The distinct partitions of the agents; most projects have one. A partition that is the default of one agent and named by another admits callers that lack its fields.
    private readonly AgentDefinition[] _sharings;
    private readonly bool _requiresTenant;

    public AgentCatalog(ConversationOptions options)
    {
        if (string.Join(' ', options.Validate()) is { Length: > 0 } failures)
            throw new ArgumentException(failures, nameof(options));

        Project = options.Project;
        Limits = options.Limits.Copy();
        var sizes = new MessageSize(Limits.MaxMessageBytes, Limits.MaxMessageParts, Limits.MaxMetadataBytes);
        var prices = new PriceTable(options.Prices);
        _agents = options.Agents.ToDictionary(agent => agent.Key, agent => new AgentDefinition(agent.Key, agent.Value, prices, sizes, options.RecordContent), StringComparer.Ordinal);
        _requiresTenant = options.RequireTenant;
        ShutdownTimeout = options.ShutdownTimeout;
        _sharings = [.. _agents.Values.OrderBy(agent => agent.NamesPartition).DistinctBy(agent => ConversationOwner.SharedBy(agent.PartitionBy, caller: null).Audience, StringComparer.Ordinal)];
    }

    public string Project { get; }

    public ConversationLimits Limits { get; }

    /// <summary>How long a manager that closes waits for agents and summaries.</summary>
    public TimeSpan ShutdownTimeout { get; }

    /// <summary>Returns the agent of a name.</summary>
    /// <exception cref="ArgumentException">The agent was not added. The exception message lists the added agents.</exception>
    public AgentDefinition Get(string agent, string parameter)
    {
        WellFormed.Key(agent, parameter);
        return _agents.GetValueOrDefault(agent) ?? throw new ArgumentException(
            _agents.Count == 0
                ? $"Agent '{WellFormed.Quote(agent)}' was not added, and no other agent was. Call options.AddAgent."
                : $"Agent '{WellFormed.Quote(agent)}' was not added. Added agents: {string.Join(", ", _agents.Keys.Order(StringComparer.Ordinal).Select(name => $"'{name}'"))}.",
            parameter);
    }

    /// <summary>Returns whether the audit policy of an agent forbids deletion. The policy of an agent that is no longer added is unknown; then only the host can delete.</summary>
    public bool ForbidsDeletion(string agent, bool byHost) => _agents.TryGetValue(agent, out var definition) ? definition.RetainForAudit : !byHost;

    /// <summary>Returns why a request that would be stored is refused for its caller; null if it is not.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="caller">The identity of the caller; null if it has none.</param>
    /// <param name="isShared">Whether the request names the scope of a shared conversation or a thread.</param>
    public IdentityRequiredException? RefusalOf(AgentDefinition agent, ConversationIdentity? caller, bool isShared)
    {
        if (caller is null && agent.RequireIdentity)
            return new IdentityRequiredException(agent.Name);
        if (LacksTenant(caller))
            return new IdentityRequiredException(agent.Name, IdentityFields.TenantId);

        return isShared && MissingField(agent, caller) is { } missing ? new IdentityRequiredException(agent.Name, missing) : null;
    }

    /// <summary>Returns the access of an identity: itself, for each partition of the agents the callers with the same values, and threads that were granted.</summary>
    public ConversationAccess AccessOf(ConversationIdentity identity, ConversationGrants grants) => new(
        Project,
        [
            ConversationOwner.Of(identity).Audience,
            .. AudiencesOf(identity, thread: null),
            .. grants.Threads.Distinct(StringComparer.Ordinal).SelectMany(thread => AudiencesOf(identity, thread)),
        ]);

    /// <summary>Returns the audiences of a thread, or of shared conversations without a thread, for an identity.</summary>
    public IEnumerable<string> AudiencesOf(ConversationIdentity identity, string? thread) => LacksTenant(identity)
        ? []
        : _sharings.Where(agent => MissingField(agent, identity) is null).Select(agent => ConversationOwner.SharedBy(agent.PartitionBy, identity, thread).Audience);

    private bool LacksTenant(ConversationIdentity? caller) => _requiresTenant && !Has(caller, IdentityFields.TenantId);

    private static string? MissingField(AgentDefinition agent, ConversationIdentity? caller) =>
        agent.NamesPartition ? agent.PartitionBy.FirstOrDefault(field => !Has(caller, field)) : null;

    private static bool Has(ConversationIdentity? caller, string field) => caller?.Fields.ContainsKey(field) == true;
}
