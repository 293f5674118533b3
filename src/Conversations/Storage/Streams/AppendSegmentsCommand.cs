namespace Conversations.Storage;

/// <summary>What <see cref="IConversationStreamStore.AppendSegmentsAsync"/> is asked.</summary>
public sealed record AppendSegmentsCommand
{
    /// <summary>The lease that the turn was given.</summary>
    public required TurnLease Lease { get; init; }

    /// <summary>The segments; at least one. Their numbers follow on those before them; one whose number is there already is passed over [20.1].</summary>
    public required IReadOnlyList<StreamSegment> Segments { get; init; }

    /// <summary>How long after the run has ended its segments can be read.</summary>
    public required TimeSpan KeepFor { get; init; }

    /// <summary>What becomes of the segments if the run is interrupted. The last command's word counts.</summary>
    public InterruptedOutput OnInterruption { get; init; }

    /// <summary>What is safe to log: the lease, no content.</summary>
    /// <returns>The lease's conversation and fence.</returns>
    public override string ToString() => $"{Lease.ConversationId} {Lease.Fence}";
}

/// <summary>What becomes of the stream of a run that is interrupted.</summary>
public enum InterruptedOutput
{
    /// <summary>It is appended to the conversation, marked partial.</summary>
    Append,

    /// <summary>It is appended, marked partial, and superseded by the run itself from the beginning: what a second answer leaves that was not finished.</summary>
    AppendSuperseded,

    /// <summary>It is not appended.</summary>
    Discard,
}
