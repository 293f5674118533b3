namespace Conversations;

/// <summary>How far a run has come.</summary>
public enum RunStatus
{
    /// <summary>The turn is open, or its process died and nobody has come by since.</summary>
    Running,

    /// <summary>The turn was committed.</summary>
    Completed,

    /// <summary>The agent failed. The input and what was added until then are kept.</summary>
    Failed,

    /// <summary>The turn was cancelled or given up. The input and what was added until then are kept.</summary>
    Cancelled,

    /// <summary>The turn's process died or lost its lease; whoever came next marked it so. Its input is kept.</summary>
    Interrupted,

    /// <summary>The turn was committed and ended with tool calls that wait for their results, from an approval, say. A later turn brings them as its input.</summary>
    RequiresAction,

    /// <summary>The turn was committed, and a later run superseded its answer. If the answer is restored, the run shows again what it was.</summary>
    Superseded,
}
