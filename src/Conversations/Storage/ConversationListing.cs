namespace Conversations.Storage;

/// <summary>Specifies which conversations <see cref="IConversationStore.ListConversationsAsync"/> lists. A filter that is <see langword="null"/> does not narrow the list; texts are compared ordinally [5.6].</summary>
public sealed record ConversationListing
{
    /// <summary>Gets what the caller can reach [8].</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>Gets the agent whose conversations are listed.</summary>
    public string? Agent { get; init; }

    /// <summary>Gets the user whose conversations are listed.</summary>
    public string? UserId { get; init; }

    /// <summary>Gets the channel whose conversations are listed.</summary>
    public string? Channel { get; init; }

    /// <summary>Gets the thread key whose conversations are listed.</summary>
    public string? Thread { get; init; }

    /// <summary>Gets the status that listed conversations have.</summary>
    public ConversationStatus? Status { get; init; }

    /// <summary>Gets the time at which, or after which, listed conversations were last active.</summary>
    public DateTimeOffset? ActiveFrom { get; init; }

    /// <summary>Gets the time before which listed conversations were last active.</summary>
    public DateTimeOffset? ActiveBefore { get; init; }

    /// <summary>Gets the place in the order after which the list begins; <see langword="null"/> for the first page [5.7].</summary>
    public ListPosition? After { get; init; }

    /// <summary>Gets the maximum number of conversations; at least 1.</summary>
    public required int Limit { get; init; }
}

/// <summary>A place in the order of a list of conversations: the place that a conversation had when it was read, whether or not it still exists.</summary>
public sealed record ListPosition
{
    /// <summary>Creates a place.</summary>
    /// <param name="lastActivityAt">The last activity of the conversation.</param>
    /// <param name="conversationId">The id of the conversation.</param>
    public ListPosition(DateTimeOffset lastActivityAt, string conversationId)
    {
        LastActivityAt = lastActivityAt;
        ConversationId = conversationId;
    }

    /// <summary>Gets the last activity of the conversation.</summary>
    public DateTimeOffset LastActivityAt { get; init; }

    /// <summary>Gets the id of the conversation, compared ordinally.</summary>
    public string ConversationId { get; init; }
}
