namespace Conversations;

/// <summary>An agent as its options were when the manager was made.</summary>
internal sealed class AgentDefinition
{
    private readonly PersistenceMode _mode;
    private readonly Dictionary<string, PersistenceMode> _channelModes;

    public AgentDefinition(string name, AgentOptions options, PriceTable prices, bool recordContent)
    {
        Name = name;
        SharedWithin = [.. options.SharedWithin.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        RequireIdentity = options.RequireIdentity;
        ForbidDeletion = options.ForbidDeletion;
        Turns = new TurnSettings(
            name,
            options.SystemPrompt is { } prompt ? PromptCost.Counted(options.TokenCounter, ConversationMessage.System(prompt)) : null,
            new WindowLimits(options.HistoryLimit, options.TokenLimit, options.TokenCounter),
            options.Summarizer,
            options.SummaryThreshold,
            options.SummaryTimeout,
            options.LeaseDuration,
            options.MaxTurnDuration,
            options.KeepPartialOutput,
            options.RecoveryWindow,
            options.WhenBusy,
            prices,
            recordContent);
        _mode = options.Mode;
        _channelModes = new Dictionary<string, PersistenceMode>(options.ChannelModes, StringComparer.Ordinal);
    }

    public string Name { get; }

    public IReadOnlyList<string> SharedWithin { get; }

    public bool RequireIdentity { get; }

    public bool ForbidDeletion { get; }

    public TurnSettings Turns { get; }

    public PersistenceMode ModeOf(string channel) => _channelModes.GetValueOrDefault(channel, _mode);
}
