namespace Conversations;

/// <summary>Specifies the filter and the grouping of a usage report. Properties that are <see langword="null"/> do not filter. Text is compared ordinally.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record UsageQuery
{
    private const UsageGrouping All = UsageGrouping.Conversation | UsageGrouping.Agent | UsageGrouping.User | UsageGrouping.Day | UsageGrouping.Kind | UsageGrouping.Model;

    private readonly string? _conversationId;
    private readonly string? _agent;
    private readonly UsageGrouping _groupBy;
    private readonly TimeZoneInfo _timeZone = TimeZoneInfo.Utc;

    /// <summary>Gets the conversation to report. It does not have to exist.</summary>
    /// <exception cref="ArgumentException">The value is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public string? ConversationId
    {
        get => _conversationId;
        init => _conversationId = WellFormed.OptionalKey(value, nameof(ConversationId));
    }

    /// <summary>Gets the agent to report. It does not have to be an added agent.</summary>
    /// <exception cref="ArgumentException">The value is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public string? Agent
    {
        get => _agent;
        init => _agent = WellFormed.OptionalKey(value, nameof(Agent));
    }

    /// <summary>Gets the time from which runs are reported, inclusive, by their beginning.</summary>
    public DateTimeOffset? StartedFrom { get; init; }

    /// <summary>Gets the time before which runs are reported, exclusive, by their beginning.</summary>
    public DateTimeOffset? StartedBefore { get; init; }

    /// <summary>Gets the time zone of the days by which runs are grouped, such as that of an invoice; the default is UTC.</summary>
    /// <exception cref="ArgumentNullException">The value is <see langword="null"/>.</exception>
    public TimeZoneInfo TimeZone
    {
        get => _timeZone;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            _timeZone = value;
        }
    }

    /// <summary>Gets the grouping; the default is no grouping.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value contains an undefined flag.</exception>
    public UsageGrouping GroupBy
    {
        get => _groupBy;
        init => _groupBy = (value & ~All) == UsageGrouping.None ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "GroupBy contains an undefined flag.");
    }
}
