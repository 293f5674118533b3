namespace Conversations.Storage;

/// <summary>Which runs <see cref="IConversationStore.ListRunsAsync"/> lists.</summary>
public sealed record RunListing
{
    /// <summary>The conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>What the caller reaches [16].</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>Only runs with a lower number, whether or not there is a run with this one; <see langword="null"/> to begin with the newest [8.6].</summary>
    public long? Before { get; init; }

    /// <summary>How many at the most; at least 1.</summary>
    public required int Limit { get; init; }
}
