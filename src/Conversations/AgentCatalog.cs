namespace Conversations;

/// <summary>The agents of a manager.</summary>
internal sealed class AgentCatalog
{
    private readonly Dictionary<string, AgentDefinition> _agents;

    // The different ways in which agents share; most projects have one.
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

    /// <summary>An agent that has a summarizer; null if none has.</summary>
    public string? FirstWithSummaries => _agents.Values.FirstOrDefault(agent => agent.Turns.Summarizer is not null)?.Name;

    /// <summary>The agent of that name, for a caller who must name one that was added.</summary>
    /// <exception cref="ArgumentException">It was not added; those that were are named.</exception>
    public AgentDefinition Get(string agent, string parameter)
    {
        WellFormed.Key(agent, parameter);
        return _agents.GetValueOrDefault(agent) ?? throw new ArgumentException(
            _agents.Count == 0
                ? $"Agent '{WellFormed.Quote(agent)}' was not added; none was. Call options.AddAgent."
                : $"Agent '{WellFormed.Quote(agent)}' was not added. Those that were: {string.Join(", ", _agents.Keys.Order(StringComparer.Ordinal).Select(name => $"'{name}'"))}.",
            parameter);
    }

    /// <summary>Whether an agent's audit policy forbids deletion. The policy of one that is no longer added is not known: then the host alone may delete.</summary>
    public bool ForbidsDeletion(string agent, bool byHost) => _agents.TryGetValue(agent, out var definition) ? definition.RetainForAudit : !byHost;

    /// <summary>The audiences that an identity belongs to: itself, and for each way in which agents share, all who agree with it in those fields.</summary>
    public IReadOnlyList<string> AudiencesOf(ConversationIdentity identity) =>
    [
        ConversationOwner.Of(identity).Audience,
        .. _sharings.Select(fields => ConversationOwner.SharedBy(fields, identity).Audience),
    ];
}
