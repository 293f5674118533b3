namespace Conversations.Soak.Schedules;

/// <summary>A run as the model holds it.</summary>
internal sealed class ModelRun(long number, string caller, long inputPosition, int inputCount, DateTimeOffset startedAt)
{
    public long Number { get; } = number;

    public string Caller { get; } = caller;

    public long InputPosition { get; } = inputPosition;

    public int InputCount { get; } = inputCount;

    public long InputEnd => InputPosition + InputCount - 1;

    public DateTimeOffset StartedAt { get; } = startedAt;

    /// <summary>Whether it answered existing input again.</summary>
    public bool IsOnExistingInput { get; init; }

    /// <summary>The position of the message that its input replaces.</summary>
    public long? Replaced { get; init; }

    /// <summary>The position from which on it superseded messages.</summary>
    public long? SupersededFrom { get; set; }

    public string? Key { get; set; }

    public RunStatus Outcome { get; set; }

    public ModelRun? SupersededBy { get; set; }

    public long OutputPosition { get; set; }

    public int OutputCount { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public bool IsCommitted => Outcome is RunStatus.Completed or RunStatus.RequiresAction;

    public void End(RunStatus outcome, DateTimeOffset now) => (Outcome, EndedAt) = (outcome, now);

    /// <summary>Whether a position is among its input or its output.</summary>
    public bool Covers(long position) =>
        (position >= InputPosition && position <= InputEnd) || (position >= OutputPosition && position < OutputPosition + OutputCount);
}
