namespace Conversations;

/// <summary>The options of an agent. They are read once, when the <see cref="ConversationManager"/> is created. Later changes have no effect.</summary>
/// <remarks>This type is not thread-safe.</remarks>
public sealed class AgentOptions
{
    private static readonly string[] Tenant = [IdentityFields.TenantId];

    private readonly Dictionary<string, PersistenceMode> _channelModes = new(StringComparer.Ordinal);
    private bool _isPartitionSet;

    /// <summary>Gets or sets the mode of all channels for which <see cref="SetChannelMode"/> was not called; the default is <see cref="PersistenceMode.PerUser"/>.</summary>
    public PersistenceMode Mode { get; set; } = PersistenceMode.PerUser;

    /// <summary>Gets or sets the identity fields that partition shared conversations and threads: callers with different values have separate conversations.
    /// The default is <c>tenant_id</c>, so that tenants never share conversations; callers without a tenant share among themselves. If it is empty, all callers of the project share them.</summary>
    /// <remarks>A caller that lacks a field that is set here is refused (<see cref="IdentityRequiredException"/>); <see cref="ConversationOptions.RequireTenant"/> has the same effect for the default. The values are part of every shared scope. After a change the agent begins new shared histories. Callers can access the earlier ones only as long as
    /// another agent is partitioned by the earlier fields; otherwise only the host can.</remarks>
    public IList<string> PartitionBy
    {
        get;
        set
        {
            // A configuration binder sets what it has got, although no value was configured.
            _isPartitionSet |= !ReferenceEquals(field, value);
            field = value;
        }
    } = [.. Tenant];

    /// <summary>Gets or sets whether every request of this agent that would be stored requires an identity, also by conversation id, by thread and in a shared mode. By default, a per-user request without identity, conversation id and thread is stateless, and the others need none.</summary>
    public bool RequireIdentity { get; set; }

    /// <summary>Gets or sets the audit policy: whether conversations and messages cannot be deleted, only ended. The default is <see langword="false"/>.</summary>
    public bool RetainForAudit { get; set; }

    /// <summary>Gets or sets the system prompt, which all conversations of the agent use and which is never stored; <see langword="null"/> for none.</summary>
    public string? SystemPrompt { get; set; }

    /// <summary>Gets or sets the maximum number of messages of the history and the input together; the default is 20, the minimum 1. The system prompt, the placeholder results of interrupted calls and what the turn adds are not counted.
    /// The input and the calls that it answers are always included.</summary>
    public int HistoryLimit { get; set; } = 20;

    /// <summary>Gets or sets the maximum number of tokens of a prompt: system prompt, summary, history, input and output so far. The default is <see langword="null"/>, which means no limit.
    /// The minimum is 1. Leave room for the answer. A turn's own messages are never excluded: if they exceed the limit, a <see cref="PromptTooLargeException"/> is thrown.</summary>
    public int? TokenLimit { get; set; }

    /// <summary>Gets or sets the share of its limits that a window keeps when it exceeds one of them; the default is 0.5, the range more than 0 to 1. The window then begins at a user message near that share, and stays there until it exceeds a limit again,
    /// so that prompts begin with the same messages and the provider's prompt cache is used. With 1 the window slides: it loses what exceeds the limit at each turn.</summary>
    /// <remarks>Where the window begins is stored with the conversation. A request with limits of its own slides, and does not change it.</remarks>
    public double HistoryTrim { get; set; } = 0.5;

    /// <summary>Gets or sets whether later prompts show the input of runs that failed or that the model refused; the default is <see cref="FailedInputs.UntilAnswered"/>. Everything is stored and can be read in any case.</summary>
    public FailedInputs FailedInputs { get; set; }

    /// <summary>Gets or sets the time zone in which prompts state when each user message was created, before its text: <c>[Mon 2026-11-30 20:50 +01:00]</c>. The default is <see langword="null"/>, which means that prompts contain no times.</summary>
    /// <remarks>The time is that at which the message was stored, so it is the same in every prompt and the provider's prompt cache is used. It is not stored with the text, and counts against <see cref="TokenLimit"/>: token counts have the name of the counter with <c>+time</c>. A chat client of a stateless agent sends messages as they are, because it does not know when they were created.</remarks>
    public TimeZoneInfo? PromptTimeZone { get; set; }

    /// <summary>Gets or sets the token counter; the default is <see cref="TokenCounter.Estimate"/>. A message is counted once, when it is stored. After a change to another
    /// counter, messages are counted again when they are first read.</summary>
    public ITokenCounter TokenCounter { get; set; } = Conversations.TokenCounter.Estimate;

    /// <summary>Gets or sets the summarizer of messages that prompts no longer include. The default is <see langword="null"/>, which means no summaries.</summary>
    public IConversationSummarizer? Summarizer { get; set; }

    /// <summary>Gets or sets the number of messages between the last summary and the window at which they are summarized; the default is 10, the minimum 1. Until then prompts include
    /// neither these messages nor a summary of them. With 1, prompts cover every message, at the cost of a summary for every turn.</summary>
    public int SummaryThreshold { get; set; } = 10;

    /// <summary>Gets or sets the timeout of a summary; the default is 2 minutes, the maximum one day. After the timeout the summarizer's token is cancelled and its result is ignored. A later turn tries again.</summary>
    public TimeSpan SummaryTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Gets or sets the duration of a lease after its last renewal; the default is 30 seconds, the minimum 1 second and the maximum one day. The lease is renewed while the turn is open.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long the lease of a turn is renewed; the default is 10 minutes. The value must be positive; <see cref="TimeSpan.MaxValue"/> means no limit. A turn that is open
    /// longer keeps its lease until it expires. Then the next turn or a follower can take over: see <see cref="ConversationTurn.Stopping"/>.</summary>
    public TimeSpan MaxTurnDuration { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets or sets whether the output of a turn that fails, is cancelled or interrupted is kept and marked partial; the default is <see langword="true"/>.</summary>
    public bool KeepPartialOutput { get; set; } = true;

    /// <summary>Gets or sets how long the stream of a run without stored output can be followed after the run ended; the default is 5 minutes, the range from zero to one day. Stored output can always be followed.</summary>
    public TimeSpan StreamRetention { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets the policy for a turn whose conversation is busy; the default is <see cref="BusyPolicy.Reject"/>. A request can override it.</summary>
    public BusyPolicy OnBusy { get; set; } = BusyPolicy.Reject;

    /// <summary>Gets whether the host has named the fields of <see cref="PartitionBy"/>, so that a caller that lacks one is refused.</summary>
    internal bool NamesPartition => _isPartitionSet || !PartitionBy.SequenceEqual(Tenant, StringComparer.Ordinal);

    internal IReadOnlyDictionary<string, PersistenceMode> ChannelModes => _channelModes;

    /// <summary>Sets the mode of one channel, which overrides <see cref="Mode"/>.</summary>
    /// <param name="channel">The channel, such as <see cref="ConversationChannels.Schedule"/>.</param>
    /// <param name="mode">The mode.</param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentException">The channel is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public AgentOptions SetChannelMode(string channel, PersistenceMode mode)
    {
        _channelModes[WellFormed.Key(channel, nameof(channel))] = mode;
        return this;
    }
}
