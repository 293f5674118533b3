namespace Conversations;

/// <summary>The options of a project and its agents. They are read once, when the <see cref="ConversationManager"/> is created. Later changes have no effect.</summary>
/// <remarks>This type is not thread-safe.</remarks>
public sealed class ConversationOptions
{
    // At this price the cost of long.MaxValue tokens still fits into a decimal.
    private const decimal HighestPrice = 1_000_000_000;

    private readonly Dictionary<string, AgentOptions> _agents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ModelPrice> _prices = new(StringComparer.Ordinal);

    /// <summary>Gets or sets the project; the default is <c>default</c>. Conversations of different projects are isolated, even in the same store.</summary>
    public string Project { get; set; } = ConversationScope.DefaultProject;

    /// <summary>Gets or sets whether every request requires an identity with a <c>tenant_id</c>, requests of triggers and per-user requests without an identity included, except those of stateless agents; otherwise it throws an <see cref="IdentityRequiredException"/>. The default is <see langword="false"/>.</summary>
    public bool RequireTenant { get; set; }

    /// <summary>Gets or sets whether the spans of turns contain content: system prompt, history, input and answer, including tool calls and their results. The default is <see langword="false"/>. If it is on,
    /// everyone with access to the traces can read the conversations, and spans become large. Logs, measurements and exceptions never contain content.</summary>
    public bool RecordContent { get; set; }

    /// <summary>Gets the limits on sizes and numbers.</summary>
    public ConversationLimits Limits { get; } = new();

    /// <summary>Gets or sets how long the manager, when it is disposed or its host stops, waits for the agents that it has cancelled, and for summaries in progress, from zero to a day. The default is 5 seconds.
    /// The runs of agents that have not ended by then are recorded as cancelled, with their output so far. The time is that of the system clock.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long the options of an agent that an <see cref="IAgentOptionsProvider"/> has found are used before it is asked again, from zero to a day. The default is 1 minute: a change has an effect at most a minute later.</summary>
    public TimeSpan AgentOptionsLifetime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets the agents that were added, by name.</summary>
    public IReadOnlyDictionary<string, AgentOptions> Agents => _agents.AsReadOnly();

    /// <summary>Adds an agent.</summary>
    /// <param name="name">The name of the agent, compared ordinally.</param>
    /// <param name="configure">Configures the agent; <see langword="null"/> for the defaults: a history of 20 messages for each user.</param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentException">An agent of this name was already added, or the name is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public ConversationOptions AddAgent(string name, Action<AgentOptions>? configure = null)
    {
        var agent = new AgentOptions();
        if (!_agents.TryAdd(WellFormed.Key(name, nameof(name)), agent))
            throw new ArgumentException($"Agent '{name}' was already added. Add each agent once.", nameof(name));

        configure?.Invoke(agent);
        return this;
    }

    /// <summary>Returns the options of an agent, and adds the agent if it was not added before.</summary>
    internal AgentOptions GetOrAddAgent(string name)
    {
        if (!_agents.TryGetValue(name, out var agent))
            _agents.Add(WellFormed.Key(name, nameof(name)), agent = new AgentOptions());
        return agent;
    }

    /// <summary>Sets the price of a model, also if one was added before.</summary>
    internal void SetPrice(string model, ModelPrice price) => _prices[WellFormed.Key(model, nameof(model))] = price;

    /// <summary>Gets the prices that were added, by model.</summary>
    internal IReadOnlyDictionary<string, ModelPrice> Prices => _prices;

    /// <summary>Adds the price of a model. If a turn reports its model and its tokens but not its cost, the cost is calculated from the price when the turn ends, for every status. The cost
    /// is stored with the run: a later change of prices does not change it.</summary>
    /// <remarks>A name matches exactly, compared ordinally, or without the date at its end: the price of <c>gpt-5</c> also applies to <c>gpt-5-2025-08-07</c>,
    /// <c>gpt-5-20250807</c> and <c>gpt-5@20250807</c>, unless these have their own prices. It does not apply to <c>gpt-5-mini</c>. For a model without a price, the cost is
    /// what the turn reports, or unknown: <see cref="UsageTotals.RunsWithoutCost"/> counts the runs without a known cost.</remarks>
    /// <param name="model">The name of the model, as turns report it.</param>
    /// <param name="inputPerMillion">The price of a million input tokens. All prices must be from 0 to a billion; they are validated at start-up.</param>
    /// <param name="outputPerMillion">The price of a million output tokens.</param>
    /// <param name="cachedInputPerMillion">The price of a million cached input tokens; <see langword="null"/> for <paramref name="inputPerMillion"/>.</param>
    /// <param name="cacheWriteInputPerMillion">The price of a million input tokens that are written to the provider's cache; <see langword="null"/> for <paramref name="inputPerMillion"/>.</param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentException">A price of the model was already added, or its name is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public ConversationOptions AddPrice(string model, decimal inputPerMillion, decimal outputPerMillion, decimal? cachedInputPerMillion = null, decimal? cacheWriteInputPerMillion = null)
    {
        if (!_prices.TryAdd(WellFormed.Key(model, nameof(model)), new ModelPrice(inputPerMillion, outputPerMillion, cachedInputPerMillion, cacheWriteInputPerMillion)))
            throw new ArgumentException($"A price of model '{model}' was already added. Add one price for each model.", nameof(model));

        return this;
    }

    /// <summary>Returns the validation errors; empty if the options are valid.</summary>
    internal IEnumerable<string> Validate()
    {
        if (!IsKey(Project))
            yield return "Project is empty, holds a NUL or is not well-formed UTF-16.";
        if (ShutdownTimeout < TimeSpan.Zero || ShutdownTimeout > TimeSpan.FromDays(1))
            yield return "ShutdownTimeout is negative, or more than a day.";
        if (AgentOptionsLifetime < TimeSpan.Zero || AgentOptionsLifetime > TimeSpan.FromDays(1))
            yield return "AgentOptionsLifetime is negative, or more than a day.";

        foreach (var failure in Limits.Validate().Concat(Validate(_agents)))
            yield return failure;

        foreach (var (model, price) in _prices)
        {
            if (!IsPrice(price.InputPerMillion) || !IsPrice(price.OutputPerMillion) || !IsPrice(price.CachedInputPerMillion ?? 0) || !IsPrice(price.CacheWriteInputPerMillion ?? 0))
                yield return $"A price of model '{model}' is not from 0 to a billion.";
        }
    }

    /// <summary>Returns the validation errors of agents.</summary>
    internal static IEnumerable<string> Validate(IReadOnlyDictionary<string, AgentOptions> agents)
    {
        foreach (var (name, agent) in agents)
        {
            if (agent.HistoryLimit < 1)
                yield return $"HistoryLimit of agent '{name}' is less than 1.";
            if (agent.TokenLimit < 1)
                yield return $"TokenLimit of agent '{name}' is less than 1.";
            if (!(agent.HistoryTrim > 0 && agent.HistoryTrim <= 1))
                yield return $"HistoryTrim of agent '{name}' is not more than 0, or more than 1.";
            if (!Enum.IsDefined(agent.FailedInputs))
                yield return $"FailedInputs of agent '{name}' is none of FailedInputs.";
            if (agent is { TokenLimit: { } limit, TokenCounter: { } counter, SystemPrompt: { } prompt } && PromptCost.Count(counter, ConversationMessage.System(prompt)).Count >= limit)
                yield return $"TokenLimit of agent '{name}' leaves no room beside its system prompt.";
            if (!IsKey(agent.TokenCounter?.Name))
                yield return $"TokenCounter of agent '{name}' is null or has no name.";
            if (agent.SummaryThreshold < 1)
                yield return $"SummaryThreshold of agent '{name}' is less than 1.";
            if (agent.SummaryTimeout <= TimeSpan.Zero || agent.SummaryTimeout > TimeSpan.FromDays(1))
                yield return $"SummaryTimeout of agent '{name}' is not positive, or more than a day.";
            if (agent.LeaseDuration < TimeSpan.FromSeconds(1) || agent.LeaseDuration > TimeSpan.FromDays(1))
                yield return $"LeaseDuration of agent '{name}' is not from a second to a day.";
            if (agent.MaxTurnDuration <= TimeSpan.Zero)
                yield return $"MaxTurnDuration of agent '{name}' is not more than zero.";
            if (agent.StreamRetention < TimeSpan.Zero || agent.StreamRetention > TimeSpan.FromDays(1))
                yield return $"StreamRetention of agent '{name}' is negative, or more than a day.";
            if (agent.OnBusy is null)
                yield return $"OnBusy of agent '{name}' is null.";
            if (agent.PartitionBy?.All(IsKey) != true)
                yield return $"PartitionBy of agent '{name}' is null, or a field of it is empty, holds a NUL or is not well-formed UTF-16.";
            if (agent.ChannelModes.Values.Append(agent.Mode).Any(mode => !Enum.IsDefined(mode)))
                yield return $"A mode of agent '{name}' is none of PersistenceMode.";
        }
    }

    private static bool IsPrice(decimal price) => price is >= 0 and <= HighestPrice;

    private static bool IsKey(string? value)
    {
        try
        {
            WellFormed.Key(value, nameof(value));
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
