namespace Conversations.Storage;

/// <summary>Specifies which conversations <see cref="IConversationStore.ListConversationsAsync"/> lists.</summary>
public sealed record ConversationListing
{
    /// <summary>Gets what the caller can reach [8].</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>Gets the filter. Its page size has no meaning here: see <see cref="Limit"/>.</summary>
    public ConversationQuery Query { get; init; } = new();

    /// <summary>Gets the place in the order after which the list begins; <see langword="null"/> for the first page [5.7].</summary>
    public ListPosition? After { get; init; }

    /// <summary>Gets the maximum number of conversations; at least 1.</summary>
    public required int Limit { get; init; }

    /// <summary>Determines whether a conversation has the metadata that the query asks for [5.6]. A store that compares JSON itself need not call it.</summary>
    /// <param name="metadata">The metadata of the conversation; <see langword="null"/> for none.</param>
    /// <returns><see langword="true"/> if <see cref="ConversationQuery.Metadata"/> is <see langword="null"/>, or the metadata has each of its fields.</returns>
    public bool MatchesMetadata(string? metadata) => Query.MatchesMetadata(metadata);
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
