namespace Conversations.Storage;

/// <summary>Which messages <see cref="IConversationStore.ReadMessagesAsync"/> reads.</summary>
public sealed record MessageRange
{
    /// <summary>The conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>What the caller reaches [16].</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>Whether to read from the newest to the oldest.</summary>
    public bool NewestFirst { get; init; }

    /// <summary>Only messages beyond this position in the direction of reading, whether or not a message stands there; <see langword="null"/> to begin at the end.</summary>
    public long? After { get; init; }

    /// <summary>Whether superseded messages are passed over; they do not count towards the limit then.</summary>
    public bool CurrentOnly { get; init; }

    /// <summary>How many at the most; at least 1.</summary>
    public required int Limit { get; init; }
}
