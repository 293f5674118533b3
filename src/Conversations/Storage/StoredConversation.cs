using System.Text;

namespace Conversations.Storage;

/// <summary>A conversation as a store keeps it, without its messages and closed runs.</summary>
/// <remarks>Immutable, and therefore thread-safe.</remarks>
public sealed record StoredConversation
{
    /// <summary>Gets what applications see of the conversation.</summary>
    public required Conversation Conversation { get; init; }

    /// <summary>Gets the version with which it was read; 0 for a conversation that was not stored yet. The store adds 1 at each write of the conversation [2].</summary>
    public long Version { get; init; }

    /// <summary>Gets the number of the last run; 0 before the first.</summary>
    public long LastRun { get; init; }

    /// <summary>Gets how often stored messages were superseded, restored or deleted. A summary of an earlier revision is outdated.</summary>
    public long HistoryRevision { get; init; }

    /// <summary>Gets the position at which the window of the next prompt begins, unless it exceeds the limits; 0 for the beginning of the conversation.</summary>
    public long WindowStart { get; init; }

    /// <summary>Gets the number of the last run that failed or was refused by its model; 0 if none was.</summary>
    public long LastFailedRun { get; init; }

    /// <summary>Gets the run that is open, with its lease; <see langword="null"/> if none is.</summary>
    public OpenRun? OpenRun { get; init; }

    // Without content, so that the text is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, Conversation.ToString());
}

/// <summary>A run that is open, with the lease that it holds. The lease may have expired.</summary>
/// <remarks>Immutable, and therefore thread-safe.</remarks>
public sealed record OpenRun
{
    /// <summary>Gets the run. Its status is <see cref="RunStatus.Running"/>.</summary>
    public required ConversationRun Run { get; init; }

    /// <summary>Gets the digest of the request; set if the run has an idempotency key.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Gets a random number that distinguishes the holder of the lease from every other, even if a run number was assigned twice because a database lost its last writes.</summary>
    public required long Token { get; init; }

    /// <summary>Gets the duration of the lease from each renewal on.</summary>
    public required TimeSpan LeaseDuration { get; init; }

    /// <summary>Gets when the lease expires.</summary>
    public required DateTimeOffset LeaseExpiresAt { get; init; }

    /// <summary>Gets whether the run was asked to stop. Its holder reads it; renewals keep it.</summary>
    public bool IsStopRequested { get; init; }

    /// <summary>Gets what becomes of streamed output if the run is interrupted.</summary>
    public InterruptedOutput OnInterruption { get; init; }

    /// <summary>Gets how long segments remain readable after the run ended.</summary>
    public TimeSpan SegmentRetention { get; init; }

    /// <summary>Returns the run as <see cref="IConversationStore.ReadRunsAsync"/> and <see cref="ConversationState.KeyedRun"/> show it while it is open.</summary>
    /// <returns>The run with its digest.</returns>
    public StoredRun ToStoredRun() => new() { Run = Run, Fingerprint = Fingerprint };

    /// <summary>Inserts the run in its place among closed runs, if it is in the range [5.5]. A run with a higher number can be closed already.</summary>
    /// <param name="closed">The closed runs of the range, newest first. Afterwards there are at most as many as the limit of the range.</param>
    /// <param name="range">The range.</param>
    public void InsertInto(IList<StoredRun> closed, RunRange range)
    {
        ArgumentNullException.ThrowIfNull(closed);
        ArgumentNullException.ThrowIfNull(range);
        if (!range.Includes(Run))
            return;

        var index = closed.Count;
        while (index > 0 && closed[index - 1].Run.Number < Run.Number)
            index--;
        closed.Insert(index, ToStoredRun());
        if (closed.Count > range.Limit)
            closed.RemoveAt(range.Limit);
    }

    // Without content, so that the text is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, Run.Id);
}

/// <summary>Specifies what becomes of streamed output when its run is interrupted.</summary>
public enum InterruptedOutput
{
    /// <summary>It becomes messages that are marked partial.</summary>
    Append,

    /// <summary>It becomes messages that are marked partial and superseded by their own run: the unfinished second answer to a message.</summary>
    AppendSuperseded,

    /// <summary>It is not kept.</summary>
    Discard,
}
