namespace Conversations;

/// <summary>The project and its agents. Read once, when the <see cref="ConversationManager"/> is made; later changes have no effect.</summary>
/// <remarks>Not safe from several threads at once.</remarks>
public sealed class ConversationOptions
{
    // What as many tokens as a long can hold would cost at this price, a decimal can hold.
    private const decimal HighestPrice = 1_000_000_000;

    private readonly Dictionary<string, AgentOptions> _agents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ModelPrice> _prices = new(StringComparer.Ordinal);

    /// <summary>The project; <c>default</c> unless set. Conversations of two projects never meet, even in one store.</summary>
    public string Project { get; set; } = ConversationScope.DefaultProject;

    /// <summary>Whether the spans of turns hold what was said: system prompt, history, input and answer, tool calls and their results among them. Off unless set. Whoever reads the traces reads
    /// the conversations then, and so does the system that keeps them, for as long as it keeps them; and spans grow large. Logs, measurements and exceptions hold no content in any case.</summary>
    public bool RecordContent { get; set; }

    /// <summary>The agents that were added, by name.</summary>
    public IReadOnlyDictionary<string, AgentOptions> Agents => _agents;

    /// <summary>Adds an agent.</summary>
    /// <param name="name">Its name, compared ordinally.</param>
    /// <param name="configure">Sets how it remembers; <see langword="null"/> to leave it at a history of 20 messages for each user.</param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentException">The name was added before, or is empty or blank, holds a NUL or is not well-formed UTF-16.</exception>
    public ConversationOptions AddAgent(string name, Action<AgentOptions>? configure = null)
    {
        var agent = new AgentOptions();
        if (!_agents.TryAdd(WellFormed.Key(name, nameof(name)), agent))
            throw new ArgumentException($"Agent '{name}' was added before.", nameof(name));

        configure?.Invoke(agent);
        return this;
    }

    /// <summary>The prices that were added, by model.</summary>
    public IReadOnlyDictionary<string, ModelPrice> Prices => _prices;

    /// <summary>Adds the price of a model. A turn that says its model and its tokens, but not what it cost, gets its cost from it when it ends, good or bad. The cost
    /// is kept with the run: a later change of prices does not change what was.</summary>
    /// <remarks>A name matches exactly, compared ordinally, or without the date at its end: the price of <c>gpt-5</c> is that of <c>gpt-5-2025-08-07</c>, too, of
    /// <c>gpt-5-20250807</c> and <c>gpt-5@20250807</c>, unless these have prices of their own. It is not that of <c>gpt-5-mini</c>. A model without a price costs
    /// what the turn says, or nobody knows: <see cref="UsageTotals.RunsWithoutCost"/> counts such runs.</remarks>
    /// <param name="model">The name of the model, as turns say it.</param>
    /// <param name="inputPerMillion">What a million tokens cost that it reads. From 0 to a billion, like the others, which is checked at start-up.</param>
    /// <param name="outputPerMillion">What a million tokens cost that it writes.</param>
    /// <param name="cachedInputPerMillion">What a million tokens cost that it reads from the provider's cache; <see langword="null"/> for as much as the others that it reads.</param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentException">A price of the model was added before, or its name is empty or blank, holds a NUL or is not well-formed UTF-16.</exception>
    public ConversationOptions AddPrice(string model, decimal inputPerMillion, decimal outputPerMillion, decimal? cachedInputPerMillion = null)
    {
        if (!_prices.TryAdd(WellFormed.Key(model, nameof(model)), new ModelPrice(inputPerMillion, outputPerMillion, cachedInputPerMillion)))
            throw new ArgumentException($"A price of model '{model}' was added before.", nameof(model));

        return this;
    }

    /// <summary>What is wrong with the options; empty if nothing is.</summary>
    internal IEnumerable<string> Validate()
    {
        if (!IsKey(Project))
            yield return "Project is empty, holds a NUL or is not well-formed UTF-16.";

        foreach (var (name, agent) in _agents)
        {
            if (agent.HistoryLimit < 1)
                yield return $"HistoryLimit of agent '{name}' is less than 1.";
            if (agent.TokenLimit < 1)
                yield return $"TokenLimit of agent '{name}' is less than 1.";
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

        foreach (var (model, price) in _prices)
        {
            if (!IsPrice(price.InputPerMillion) || !IsPrice(price.OutputPerMillion) || !IsPrice(price.CachedInputPerMillion ?? 0))
                yield return $"A price of model '{model}' is not from 0 to a billion.";
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
