namespace Conversations;

/// <summary>Whose usage is added up, and how it is grouped. What is <see langword="null"/> does not narrow it; texts are compared ordinally.</summary>
/// <remarks>Immutable, so safe from any thread.</remarks>
public sealed record UsageQuery
{
    private const UsageGrouping All = UsageGrouping.Conversation | UsageGrouping.Agent | UsageGrouping.User | UsageGrouping.Day;

    private readonly string? _conversationId;
    private readonly string? _agent;
    private readonly UsageGrouping _groupBy;

    /// <summary>Only this conversation's; it need not exist.</summary>
    /// <exception cref="ArgumentException">It is empty or blank, holds a NUL or is not well-formed UTF-16.</exception>
    public string? ConversationId
    {
        get => _conversationId;
        init => _conversationId = WellFormed.OptionalKey(value, nameof(ConversationId));
    }

    /// <summary>Only this agent's; it need not be one that was added.</summary>
    /// <exception cref="ArgumentException">It is empty or blank, holds a NUL or is not well-formed UTF-16.</exception>
    public string? Agent
    {
        get => _agent;
        init => _agent = WellFormed.OptionalKey(value, nameof(Agent));
    }

    /// <summary>Only runs that began at this time or later.</summary>
    public DateTimeOffset? StartedFrom { get; init; }

    /// <summary>Only runs that began before this time.</summary>
    public DateTimeOffset? StartedBefore { get; init; }

    /// <summary>By what it is grouped; by nothing unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It holds what is none of the enumeration.</exception>
    public UsageGrouping GroupBy
    {
        get => _groupBy;
        init => _groupBy = (value & ~All) == UsageGrouping.None ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "GroupBy holds what is none of the enumeration.");
    }
}
