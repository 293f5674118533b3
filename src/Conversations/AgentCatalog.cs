namespace Conversations;

/// <summary>The agents of a manager.</summary>
internal sealed class AgentCatalog
{
    private readonly Dictionary<string, AgentDefinition> _agents;

    // The distinct partitions of the agents; most projects have one.
    private readonly IReadOnlyList<string>[] _sharings;

    public AgentCatalog(ConversationOptions options)
    {
        if (string.Join(' ', options.Validate()) is { Length: > 0 } failures)
            throw new ArgumentException(failures, nameof(options));

        Project = options.Project;
        var prices = new PriceTable(options.Prices);
        _agents = options.Agents.ToDictionary(agent => agent.Key, agent => new AgentDefinition(agent.Key, agent.Value, prices, options.RecordContent), StringComparer.Ordinal);
        _sharings = [.. _agents.Values.Select(agent => agent.PartitionBy).DistinctBy(fields => ConversationOwner.SharedBy(fields, caller: null).Audience, StringComparer.Ordinal)];
    }

    public string Project { get; }

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

    /// <summary>Returns the audiences of an identity: itself, and for each partition of the agents the callers with the same values.</summary>
    public IReadOnlyList<string> AudiencesOf(ConversationIdentity identity) =>
    [
        ConversationOwner.Of(identity).Audience,
        .. _sharings.Select(fields => ConversationOwner.SharedBy(fields, identity).Audience),
    ];
}
