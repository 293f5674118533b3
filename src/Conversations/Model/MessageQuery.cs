namespace Conversations;

/// <summary>Specifies which messages are read, their order and the page size.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record MessageQuery
{
    private readonly int _pageSize = 50;
    private readonly long? _after;
    private readonly string? _afterMessageId;

    /// <summary>Gets the position of the last message that the caller has, to read what is new since; <see langword="null"/> for all messages.</summary>
    /// <remarks>The messages after it are read. If one of the others was superseded or restored since, the messages from the first of them on are read, too, so that the caller can replace what it has by <see cref="StoredMessage.Position"/>.
    /// Superseded messages are included, with <see cref="StoredMessage.SupersededBy"/>. Deleted messages are not reported.
    /// The pages of one query end at the last message that existed when the first was read, and what changes meanwhile comes with the next query: one after the last message that was read finds every change, however long the reading took. Messages can be returned again.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public long? After
    {
        get => _after;
        init => _after = value is null or >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A position is 0 or more. Pass the Position of the last message that you have.");
    }

    /// <summary>Gets the id of the last message that the caller has, instead of its position: see <see cref="After"/>. <see langword="null"/> for all messages.</summary>
    /// <exception cref="ArgumentException">The value is empty or blank, contains NUL or is not well-formed UTF-16.</exception>
    public string? AfterMessageId
    {
        get => _afterMessageId;
        init => _afterMessageId = WellFormed.OptionalKey(value, nameof(AfterMessageId));
    }

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
