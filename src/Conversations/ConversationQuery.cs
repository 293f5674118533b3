namespace Conversations;

/// <summary>Which conversations are listed, newest activity first. What is <see langword="null"/> does not narrow the list; texts are compared ordinally.</summary>
/// <remarks>Immutable, so safe from any thread.</remarks>
public sealed record ConversationQuery
{
    /// <summary>The most that a page may hold.</summary>
    public const int MaxPageSize = 1000;

    private readonly int _pageSize = 50;

    /// <summary>Only this agent's; it need not be one that was added.</summary>
    public string? Agent { get; init; }

    /// <summary>Only those of this user; shared conversations have none.</summary>
    public string? UserId { get; init; }

    /// <summary>Only this channel's; shared conversations have none.</summary>
    public string? Channel { get; init; }

    /// <summary>Only this thread's.</summary>
    public string? Thread { get; init; }

    /// <summary>Only those with this status.</summary>
    public ConversationStatus? Status { get; init; }

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
