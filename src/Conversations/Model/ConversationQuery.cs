using System.Text;

namespace Conversations;

/// <summary>Specifies which conversations are listed. Properties that are <see langword="null"/> do not filter. Text is compared ordinally.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record ConversationQuery
{
    /// <summary>The maximum size of a page.</summary>
    internal const int MaxPageSize = 1000;

    private readonly int _pageSize = 50;
    private readonly string? _agent;
    private readonly string? _userId;
    private readonly string? _channel;
    private readonly string? _thread;
    private readonly ConversationStatus? _status;
    private readonly RunStatus? _lastRunStatus;
    private readonly MetadataFilter? _metadata;

    /// <summary>Gets the agent to list. It does not have to be an added agent.</summary>
    /// <exception cref="ArgumentException">The value is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public string? Agent
    {
        get => _agent;
        init => _agent = WellFormed.OptionalKey(value, nameof(Agent));
    }

    /// <summary>Gets the user to list. Shared conversations have no user.</summary>
    /// <exception cref="ArgumentException">The value is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public string? UserId
    {
        get => _userId;
        init => _userId = WellFormed.OptionalKey(value, nameof(UserId));
    }

    /// <summary>Gets the channel to list. Shared conversations have no channel.</summary>
    /// <exception cref="ArgumentException">The value is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public string? Channel
    {
        get => _channel;
        init => _channel = WellFormed.OptionalKey(value, nameof(Channel));
    }

    /// <summary>Gets the thread key to list.</summary>
    /// <exception cref="ArgumentException">The value is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public string? Thread
    {
        get => _thread;
        init => _thread = WellFormed.OptionalKey(value, nameof(Thread));
    }

    /// <summary>Gets the status to list.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not defined.</exception>
    public ConversationStatus? Status
    {
        get => _status;
        init => _status = value is { } status && !Enum.IsDefined(status) ? throw new ArgumentOutOfRangeException(nameof(value), value, "Status is not defined. Set a value of ConversationStatus.") : value;
    }

    /// <summary>Gets the <see cref="Conversation.LastRunStatus"/> to list: <see cref="RunStatus.RequiresAction"/> for the conversations that wait for results or approvals,
    /// <see cref="RunStatus.Running"/> for those that are being answered. Conversations without a run have none, and none is <see cref="RunStatus.Superseded"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not defined.</exception>
    public RunStatus? LastRunStatus
    {
        get => _lastRunStatus;
        init => _lastRunStatus = value is { } status && !Enum.IsDefined(status) ? throw new ArgumentOutOfRangeException(nameof(value), value, "LastRunStatus is not defined. Set a value of RunStatus.") : value;
    }

    /// <summary>Gets the fields that <see cref="Conversation.Metadata"/> must have, a JSON object: a conversation is listed if its metadata has every field of it at the top level, with an equal value.
    /// Texts are compared ordinally, numbers by their value, objects and arrays as a whole. The order of fields has no meaning. Conversations without metadata have no fields.</summary>
    /// <exception cref="ArgumentException">The value is not a JSON object.</exception>
    public string? Metadata
    {
        get => _metadata?.Text;
        init => _metadata = value is null ? null : new MetadataFilter(JsonObjectText.Of(value, nameof(Metadata)));
    }

    /// <summary>Whether metadata have what <see cref="Metadata"/> asks for.</summary>
    internal bool MatchesMetadata(string? metadata) => _metadata is null || _metadata.Matches(metadata);

    /// <summary>Gets the time of last activity from which conversations are listed, inclusive.</summary>
    public DateTimeOffset? ActiveFrom { get; init; }

    /// <summary>Gets the time of last activity before which conversations are listed, exclusive.</summary>
    public DateTimeOffset? ActiveBefore { get; init; }

    /// <summary>Gets the page size, from 1 to 1,000; the default is 50.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1 or more than 1,000.</exception>
    public int PageSize
    {
        get => _pageSize;
        init => _pageSize = PageSizes.Checked(value, nameof(PageSize));
    }

    // The text contains no key, so that it is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, $"{Agent ?? "(all agents)"} {Status?.ToString() ?? "(all)"} {PageSize}");
}
