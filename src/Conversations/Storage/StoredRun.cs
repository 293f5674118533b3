using System.Text;

namespace Conversations.Storage;

/// <summary>A run as a store keeps it.</summary>
/// <remarks>Immutable, and therefore thread-safe.</remarks>
public sealed record StoredRun
{
    /// <summary>Gets the run. <see cref="ConversationRun.Status"/> is how it ended, also if a later run superseded its answer; it is never <see cref="RunStatus.Superseded"/>.</summary>
    public required ConversationRun Run { get; init; }

    /// <summary>Gets the digest of the request; set if the run has an idempotency key.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Gets the position of the first message that the run superseded; <see langword="null"/> if it superseded none.</summary>
    public long? SupersededFrom { get; init; }

    /// <summary>Gets until when the segments of the run can be read; <see langword="null"/> if the run is open or streamed nothing. A store may remove them after that time.</summary>
    public DateTimeOffset? SegmentsExpireAt { get; init; }

    // Without content, so that the text is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, Run.Id);
}

/// <summary>Specifies which runs <see cref="IConversationStore.ReadRunsAsync"/> reads.</summary>
public sealed record RunRange
{
    /// <summary>Gets the id of the conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Gets what the caller can reach [8].</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>Gets the number below which runs are read, whether or not a run has it; <see langword="null"/> to begin with the newest.</summary>
    public long? Before { get; init; }

    /// <summary>Gets the number above which runs are read, whether or not a run has it; 0 for all.</summary>
    public long After { get; init; }

    /// <summary>Gets the position of existing input: only runs with that <see cref="ConversationRun.InputPosition"/> and <see cref="ConversationRun.IsOnExistingInput"/> are read.
    /// They do not cost more the more other runs there are. <see langword="null"/> for all runs.</summary>
    public long? OnExistingInput { get; init; }

    /// <summary>Gets the maximum number of runs; at least 1.</summary>
    public required int Limit { get; init; }

    /// <summary>Determines whether a run of the conversation is in the range, regardless of <see cref="Limit"/>.</summary>
    /// <param name="run">The run.</param>
    /// <returns><see langword="true"/> if its number is between the bounds and, if <see cref="OnExistingInput"/> is set, it is a run on that input.</returns>
    public bool Includes(ConversationRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Number > After && run.Number < (Before ?? long.MaxValue)
            && (OnExistingInput is not { } input || (run.IsOnExistingInput && run.InputPosition == input));
    }
}
