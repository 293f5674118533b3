namespace Conversations.Storage;

/// <summary>What <see cref="IConversationSummaryStore.SaveSummaryAsync"/> is asked.</summary>
public sealed record SaveSummaryCommand
{
    /// <summary>The conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>What the caller reaches [16].</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>Where the summary ends that this one was made from; 0 if it was made from none. It must still be the newest.</summary>
    public required long Base { get; init; }

    /// <summary>How many messages that summary covers; 0 if it was made from none. It tells whether another took its place.</summary>
    public long BaseMessageCount { get; init; }

    /// <summary>Where it ends: the position of the last message that it covers. Greater than <see cref="Base"/>.</summary>
    public required long Through { get; init; }

    /// <summary>How many messages, of all kinds, stood after <see cref="Base"/> up to <see cref="Through"/> when it was made. As many must stand there still.</summary>
    public required int MessageCount { get; init; }

    /// <summary>How many of those were superseded. As many must be still.</summary>
    public int SupersededCount { get; init; }

    /// <summary>The highest number of a run that superseded one of those; 0 if none was superseded. It must be still: it tells whether others were superseded meanwhile.</summary>
    public long LastSupersededBy { get; init; }

    /// <summary>What it says; not blank.</summary>
    public required string Text { get; init; }

    /// <summary>What it costs in a prompt; <see langword="null"/> if it was not counted.</summary>
    public TokenAmount? Tokens { get; init; }

    /// <summary>What is safe to log: the conversation and what is covered, no content.</summary>
    /// <returns>The conversation's id and the positions.</returns>
    public override string ToString() => $"{ConversationId} {Base + 1}-{Through}";
}
