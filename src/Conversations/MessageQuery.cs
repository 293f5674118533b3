namespace Conversations;

/// <summary>In which order messages are read, and how many at a time.</summary>
/// <remarks>Immutable, so safe from any thread.</remarks>
public sealed record MessageQuery
{
    private readonly int _pageSize = 50;

    /// <summary>Whether to read superseded messages, too: answers in whose place others stand now.</summary>
    public bool IncludeSuperseded { get; init; }

    /// <summary>Whether to read from the newest to the oldest.</summary>
    public bool NewestFirst { get; init; }

    /// <summary>How many are read at a time: 1 to 1,000; 50 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1 or more than 1,000.</exception>
    public int PageSize
    {
        get => _pageSize;
        init => _pageSize = PageSizes.Checked(value, nameof(PageSize));
    }
}
