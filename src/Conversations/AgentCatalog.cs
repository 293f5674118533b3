using Conversations.Storage;

namespace Conversations;

/// <summary>The agents of a manager.</summary>
internal sealed class AgentCatalog
{
    private readonly Dictionary<string, AgentDefinition> _agents;

    // The distinct partitions of the agents; most projects have one. A partition that is the default of one agent and named by another admits callers that lack its fields.
    private readonly AgentDefinition[] _sharings;
    private readonly bool _requiresTenant;

    private readonly FoundAgents? _found;

    /// <summary>Creates the agents.</summary>
    /// <param name="options">The options, with the agents that were added.</param>
    /// <param name="provider">Finds the others; null if there are none.</param>
    /// <param name="timeProvider">The clock.</param>
    public AgentCatalog(ConversationOptions options, IAgentOptionsProvider? provider, TimeProvider timeProvider)
    {
        if (string.Join(' ', options.Validate()) is { Length: > 0 } failures)
            throw new ArgumentException(failures, nameof(options));

        Project = options.Project;
        Limits = options.Limits.Copy();
        var sizes = new MessageSize(Limits.MaxMessageBytes, Limits.MaxMessageParts, Limits.MaxMetadataBytes);
        var prices = new PriceTable(options.Prices);
        var recordContent = options.RecordContent;
        _agents = options.Agents.ToDictionary(agent => agent.Key, agent => new AgentDefinition(agent.Key, agent.Value, prices, sizes, recordContent), StringComparer.Ordinal);
        _requiresTenant = options.RequireTenant;
        ShutdownTimeout = options.ShutdownTimeout;
        IEnumerable<AgentDefinition> partitions = _agents.Values;
        if (provider is not null)
        {
            _found = new FoundAgents(provider, options.AgentOptionsLifetime, timeProvider, (name, found) => Checked(new AgentDefinition(name, Valid(name, found), prices, sizes, recordContent)));
            partitions = partitions.Append(new AgentDefinition("", new AgentOptions(), prices, sizes, recordContent));
        }

        _sharings = [.. partitions.OrderBy(agent => agent.NamesPartition).DistinctBy(agent => ConversationOwner.SharedBy(agent.PartitionBy, caller: null).Audience, StringComparer.Ordinal)];
    }

    public string Project { get; }

    public ConversationLimits Limits { get; }

    /// <summary>How long a manager that closes waits for agents and summaries.</summary>
    public TimeSpan ShutdownTimeout { get; }

    /// <summary>Returns the agent of a name. It completes synchronously, and allocates nothing, for an agent that was added.</summary>
    /// <exception cref="ArgumentException">The agent was neither added nor found. The exception message lists the added agents.</exception>
    public ValueTask<AgentDefinition> GetAsync(string agent, string parameter, CancellationToken cancellationToken)
    {
        WellFormed.Key(agent, parameter);
        return _agents.TryGetValue(agent, out var added) ? ValueTask.FromResult(added)
            : _found is null ? throw Unknown(agent, parameter)
            : GetFoundAsync(_found, agent, parameter, cancellationToken);
    }

    /// <summary>Returns a name as far as it is known without asking whether there is such an agent.</summary>
    /// <exception cref="ArgumentException">There is certainly none.</exception>
    public string Named(string agent, string parameter)
    {
        WellFormed.Key(agent, parameter);
        return _found is not null || _agents.ContainsKey(agent) ? agent : throw Unknown(agent, parameter);
    }

    /// <summary>Returns whether the audit policy of an agent forbids deletion. The policy of an agent that is no longer added or found is unknown; then only the host can delete.</summary>
    public async ValueTask<bool> ForbidsDeletionAsync(string agent, bool byHost, CancellationToken cancellationToken)
    {
        var definition = _agents.TryGetValue(agent, out var added) ? added
            : _found is null ? null
            : await _found.FindAsync(agent, cancellationToken).ConfigureAwait(false);
        return definition is not null ? definition.RetainForAudit : !byHost;
    }

    /// <summary>Cancels what is being asked of the provider of agents.</summary>
    public void Close() => _found?.Close();

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

    private async ValueTask<AgentDefinition> GetFoundAsync(FoundAgents found, string agent, string parameter, CancellationToken cancellationToken) =>
        await found.FindAsync(agent, cancellationToken).ConfigureAwait(false) ?? throw Unknown(agent, parameter);

    private ArgumentException Unknown(string agent, string parameter) => new(
        (_found, _agents.Count) switch
        {
            (null, 0) => $"Agent '{WellFormed.Quote(agent)}' was not added, and no other agent was. Call options.AddAgent.",
            (not null, 0) => $"Agent '{WellFormed.Quote(agent)}' was not found by the IAgentOptionsProvider, and no agent was added.",
            _ => $"Agent '{WellFormed.Quote(agent)}' was not added{(_found is null ? "" : ", and the IAgentOptionsProvider does not find it")}. Added agents: {string.Join(", ", _agents.Keys.Order(StringComparer.Ordinal).Select(name => $"'{name}'"))}.",
        },
        parameter);

    private static AgentOptions Valid(string name, AgentOptions options)
    {
        var failures = string.Join(' ', ConversationOptions.Validate(new Dictionary<string, AgentOptions>(StringComparer.Ordinal) { [WellFormed.Quote(name)] = options }));
        return failures.Length == 0 ? options : throw new InvalidOperationException($"The IAgentOptionsProvider returned options that are not valid. {failures}");
    }

    /// <summary>Checks that the views of callers, which are created before the agent is found, reach its conversations.</summary>
    private AgentDefinition Checked(AgentDefinition agent) => _sharings.Any(known => known.PartitionBy.SequenceEqual(agent.PartitionBy, StringComparer.Ordinal))
        ? agent
        : throw new InvalidOperationException($"PartitionBy of agent '{WellFormed.Quote(agent.Name)}', which the IAgentOptionsProvider found, is neither the default nor that of an added agent. Add an agent with these fields, so that it is known at start which conversations a caller reaches.");

    private bool LacksTenant(ConversationIdentity? caller) => _requiresTenant && !Has(caller, IdentityFields.TenantId);

    private static string? MissingField(AgentDefinition agent, ConversationIdentity? caller) =>
        agent.NamesPartition ? agent.PartitionBy.FirstOrDefault(field => !Has(caller, field)) : null;

    private static bool Has(ConversationIdentity? caller, string field) => caller?.Fields.ContainsKey(field) == true;
}
