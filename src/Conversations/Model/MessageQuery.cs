namespace Conversations;

/// <summary>Specifies the order and the page size of messages.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record MessageQuery
{
    private readonly int _pageSize = 50;

    /// <summary>Gets whether superseded messages are included.</summary>
    public bool IncludeSuperseded { get; init; }

    /// <summary>Gets whether messages are read from the newest to the oldest.</summary>
    public bool NewestFirst { get; init; }

    /// <summary>Gets the page size, from 1 to 1,000; the default is 50.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1 or more than 1,000.</exception>
    public int PageSize
    {
        get => _pageSize;
        init => _pageSize = PageSizes.Checked(value, nameof(PageSize));
    }
}
