namespace Conversations.Storage;

/// <summary>Which part of a run's stream is read.</summary>
public sealed record StreamQuery
{
    /// <summary>The conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>The run's number.</summary>
    public required long RunNumber { get; init; }

    /// <summary>What the caller reaches [16].</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>The offset from which on it is read: from the last segment on that begins there or before.</summary>
    public long From { get; init; }

    /// <summary>How many segments at most; at least 1.</summary>
    public required int Limit { get; init; }
}

/// <summary>A run, and what was saved of its stream.</summary>
/// <param name="Run">The run.</param>
/// <param name="IsLeaseExpired">Whether the run is running and holds no unexpired lease: its process is gone, or has stopped renewing.</param>
/// <param name="Segments">The segments, in order; empty if none are there, or the time for which they are kept is over.</param>
public sealed record StreamRead(ConversationRun Run, bool IsLeaseExpired, IReadOnlyList<StreamSegment> Segments);
