namespace Conversations.Storage;

/// <summary>Which conversations <see cref="IConversationStore.ListConversationsAsync"/> lists. What is <see langword="null"/> does not narrow the list; texts are compared ordinally.</summary>
public sealed record ConversationListing
{
    /// <summary>What the caller reaches [16].</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>Only this agent's.</summary>
    public string? Agent { get; init; }

    /// <summary>Only this user's.</summary>
    public string? UserId { get; init; }

    /// <summary>Only this channel's.</summary>
    public string? Channel { get; init; }

    /// <summary>Only this thread's.</summary>
    public string? Thread { get; init; }

    /// <summary>Only those with this status.</summary>
    public ConversationStatus? Status { get; init; }

    /// <summary>Only those last active at this time or later.</summary>
    public DateTimeOffset? ActiveFrom { get; init; }

    /// <summary>Only those last active before this time.</summary>
    public DateTimeOffset? ActiveBefore { get; init; }

    /// <summary>Only those that come after this place in the order; <see langword="null"/> for the first page [8].</summary>
    public ListPosition? After { get; init; }

    /// <summary>How many at the most; at least 1.</summary>
    public required int Limit { get; init; }
}

/// <summary>A place in the order of a list of conversations: that of a conversation as it was when it was read, whether or not it still exists.</summary>
/// <param name="LastActivityAt">Its last activity.</param>
/// <param name="ConversationId">Its id, compared ordinally.</param>
public sealed record ListPosition(DateTimeOffset LastActivityAt, string ConversationId);
