using System.Text;

namespace Conversations;

/// <summary>Specifies which feedback of a project is read. Properties that are <see langword="null"/> do not filter. Text is compared ordinally.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record FeedbackQuery
{
    private readonly int _pageSize = 50;
    private readonly string? _conversationId;
    private readonly string? _agent;

    /// <summary>Gets the conversation whose feedback is read. It does not have to exist.</summary>
    /// <exception cref="ArgumentException">The value is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public string? ConversationId
    {
        get => _conversationId;
        init => _conversationId = WellFormed.OptionalKey(value, nameof(ConversationId));
    }

    /// <summary>Gets the agent whose feedback is read. It does not have to be an added agent.</summary>
    /// <exception cref="ArgumentException">The value is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public string? Agent
    {
        get => _agent;
        init => _agent = WellFormed.OptionalKey(value, nameof(Agent));
    }

    /// <summary>Gets the time from which feedback is read, inclusive, by <see cref="MessageFeedback.GivenAt"/>.</summary>
    public DateTimeOffset? GivenFrom { get; init; }

    /// <summary>Gets the time before which feedback is read, exclusive.</summary>
    public DateTimeOffset? GivenBefore { get; init; }

    /// <summary>Gets the page size, from 1 to 1,000; the default is 50.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1 or more than 1,000.</exception>
    public int PageSize
    {
        get => _pageSize;
        init => _pageSize = PageSizes.Checked(value, nameof(PageSize));
    }

    // As every query prints itself.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, $"{ConversationId ?? Agent ?? "(all)"} {PageSize}");
}
