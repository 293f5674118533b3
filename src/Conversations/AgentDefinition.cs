namespace Conversations;

/// <summary>The options of an agent as of the creation of the manager.</summary>
internal sealed class AgentDefinition
{
    private readonly PersistenceMode _mode;
    private readonly Dictionary<string, PersistenceMode> _channelModes;

    public AgentDefinition(string name, AgentOptions options, PriceTable prices, MessageSize sizes, bool recordContent)
    {
        Name = name;
        PartitionBy = [.. options.PartitionBy.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        NamesPartition = options.NamesPartition;
        RequireIdentity = options.RequireIdentity;
        RetainForAudit = options.RetainForAudit;
        var times = options.PromptTimeZone is { } zone ? new MessageTimes(zone) : null;
        var counter = times?.Counter(options.TokenCounter) ?? options.TokenCounter;
        Turns = new TurnSettings(
            name,
            options.SystemPrompt is { } prompt ? PromptCost.Counted(counter, ConversationMessage.System(prompt)) : null,
            new WindowLimits(options.HistoryLimit, options.TokenLimit, counter, options.HistoryTrim),
            options.Summarizer,
            options.SummaryThreshold,
            options.SummaryTimeout,
            options.LeaseDuration,
            options.MaxTurnDuration,
            options.KeepPartialOutput,
            options.FailedInputs,
            options.StreamRetention,
            options.OnBusy,
            prices,
            sizes,
            PartitionBy,
            recordContent)
        { Times = times };
        _mode = options.Mode;
        _channelModes = new Dictionary<string, PersistenceMode>(options.ChannelModes, StringComparer.Ordinal);
    }

    public string Name { get; }

    public IReadOnlyList<string> PartitionBy { get; }

    /// <summary>Whether the host has named the fields, so that a caller that lacks one is refused.</summary>
    public bool NamesPartition { get; }

    public bool RequireIdentity { get; }

    public bool RetainForAudit { get; }

    public TurnSettings Turns { get; }

    public PersistenceMode ModeOf(string channel) => _channelModes.GetValueOrDefault(channel, _mode);
}
