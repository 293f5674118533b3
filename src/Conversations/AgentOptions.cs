namespace Conversations;

/// <summary>How one agent remembers. Read once, when the <see cref="ConversationManager"/> is made; later changes have no effect.</summary>
/// <remarks>Not safe from several threads at once.</remarks>
public sealed class AgentOptions
{
    private readonly Dictionary<string, PersistenceMode> _channelModes = new(StringComparer.Ordinal);

    /// <summary>The mode of all channels for which <see cref="SetChannelMode"/> was not called; per user unless set.</summary>
    public PersistenceMode Mode { get; set; } = PersistenceMode.PerUser;

    /// <summary>The identity fields within which shared conversations and threads are shared: callers with other values have conversations of their own.
    /// <c>tenant_id</c> unless set, so that two tenants never share; empty to share among all callers of the project.</summary>
    /// <remarks>Part of every shared scope. After a change the agent's shared histories begin anew; those of before stay shared as they were for as long as
    /// another agent shares in that way, and else with the host alone.</remarks>
    public IList<string> PartitionBy { get; set; } = [IdentityFields.TenantId];

    /// <summary>Whether a per-user request without identity, conversation id and thread is an error instead of stateless.</summary>
    public bool RequireIdentity { get; set; }

    /// <summary>The audit policy: whether conversations and messages cannot be deleted, only ended.</summary>
    public bool RetainForAudit { get; set; }

    /// <summary>The system prompt, the same in all conversations of the agent and never stored; <see langword="null"/> for none.</summary>
    public string? SystemPrompt { get; set; }

    /// <summary>How many messages go to the model, this turn's input included, the system prompt and the stand-ins for results of interrupted calls aside; 20 unless set, at least 1.
    /// The input is never cut, nor are the calls that it answers.</summary>
    public int HistoryLimit { get; set; } = 20;

    /// <summary>How many tokens a prompt may cost: the system prompt, the summary, the history, the input and what the turn adds; <see langword="null"/>, as it is unless set, for any number.
    /// At least 1. Leave room for the answer. What a turn brings itself is never cut: alone over the limit, it is a <see cref="PromptTooLargeException"/>.</summary>
    public int? TokenLimit { get; set; }

    /// <summary>What counts tokens: <see cref="TokenCounter.Estimate"/> unless set. A message is counted once, when it is stored. After a change to another
    /// counter, messages are counted anew when they are first read.</summary>
    public ITokenCounter TokenCounter { get; set; } = Conversations.TokenCounter.Estimate;

    /// <summary>Summarises what no longer goes to the model; <see langword="null"/>, as it is unless set, for none.</summary>
    public IConversationSummarizer? Summarizer { get; set; }

    /// <summary>How many messages may lie between the last summary and the window before they are summarised; 10 unless set, at least 1. Until then the model sees
    /// neither them nor a summary of them: 1 leaves nothing unseen, at the price of a summary for every turn.</summary>
    public int SummaryThreshold { get; set; } = 10;

    /// <summary>How long a summarizer may take for one summary; 2 minutes unless set, at most a day. Then its token is cancelled and it is left behind; a later turn asks again.</summary>
    public TimeSpan SummaryTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a conversation stays locked after its holder was last heard of; 30 seconds unless set, at least 1 second and at most a day. While a turn is open it is renewed.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a turn is renewed; 10 minutes unless set, more than zero, <see cref="TimeSpan.MaxValue"/> for as long as it is open. One that hangs for
    /// longer keeps its conversation until its lease has run out, and then loses it to the next turn, or to one who follows it: see <see cref="ConversationTurn.LeaseLost"/>.</summary>
    public TimeSpan MaxTurnDuration { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether what a turn has added until then is kept, marked partial, when it fails, is cancelled or interrupted; true unless set.</summary>
    public bool KeepPartialOutput { get; set; } = true;

    /// <summary>How long after the end of a run its stream can still be followed where its messages were not kept; 5 minutes unless set, from nothing to a day. Messages that were kept can always be.</summary>
    public TimeSpan StreamRetention { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>What a turn does when another one of its conversation is open; <see cref="BusyPolicy.Reject"/> unless set. A request can say otherwise.</summary>
    public BusyPolicy OnBusy { get; set; } = BusyPolicy.Reject;

    internal IReadOnlyDictionary<string, PersistenceMode> ChannelModes => _channelModes;

    /// <summary>Sets the mode of one channel apart from the others: one shared history for all triggers, say, or one for each owner.</summary>
    /// <param name="channel">The channel, such as <see cref="ConversationChannels.Schedule"/>.</param>
    /// <param name="mode">Its mode.</param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentException">The channel is empty or blank, holds a NUL or is not well-formed UTF-16.</exception>
    public AgentOptions SetChannelMode(string channel, PersistenceMode mode)
    {
        _channelModes[WellFormed.Key(channel, nameof(channel))] = mode;
        return this;
    }
}
