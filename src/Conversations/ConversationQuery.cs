namespace Conversations;

/// <summary>Which conversations are listed, newest activity first. What is <see langword="null"/> does not narrow the list; texts are compared ordinally.</summary>
/// <remarks>Immutable, so safe from any thread.</remarks>
public sealed record ConversationQuery
{
    /// <summary>The most that a page may hold.</summary>
    public const int MaxPageSize = 1000;

    private readonly int _pageSize = 50;
    private readonly string? _agent;
    private readonly string? _userId;
    private readonly string? _channel;
    private readonly string? _thread;
    private readonly ConversationStatus? _status;

    /// <summary>Only this agent's; it need not be one that was added.</summary>
    /// <exception cref="ArgumentException">It is empty or blank, holds a NUL or is not well-formed UTF-16.</exception>
    public string? Agent
    {
        get => _agent;
        init => _agent = WellFormed.OptionalKey(value, nameof(Agent));
    }

    /// <summary>Only those of this user; shared conversations have none.</summary>
    /// <exception cref="ArgumentException">It is empty or blank, holds a NUL or is not well-formed UTF-16.</exception>
    public string? UserId
    {
        get => _userId;
        init => _userId = WellFormed.OptionalKey(value, nameof(UserId));
    }

    /// <summary>Only this channel's; shared conversations have none.</summary>
    /// <exception cref="ArgumentException">It is empty or blank, holds a NUL or is not well-formed UTF-16.</exception>
    public string? Channel
    {
        get => _channel;
        init => _channel = WellFormed.OptionalKey(value, nameof(Channel));
    }

    /// <summary>Only this thread's.</summary>
    /// <exception cref="ArgumentException">It is empty or blank, holds a NUL or is not well-formed UTF-16.</exception>
    public string? Thread
    {
        get => _thread;
        init => _thread = WellFormed.OptionalKey(value, nameof(Thread));
    }

    /// <summary>Only those with this status.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none of the enumeration.</exception>
    public ConversationStatus? Status
    {
        get => _status;
        init => _status = value is { } status && !Enum.IsDefined(status) ? throw new ArgumentOutOfRangeException(nameof(value)) : value;
    }

    /// <summary>Only those last active at this time or later.</summary>
    public DateTimeOffset? ActiveFrom { get; init; }

    /// <summary>Only those last active before this time.</summary>
    public DateTimeOffset? ActiveBefore { get; init; }

    /// <summary>How many are read at a time: 1 to 1,000; 50 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1 or more than 1,000.</exception>
    public int PageSize
    {
        get => _pageSize;
        init => _pageSize = PageSizes.Checked(value, nameof(PageSize));
    }
}
