namespace Conversations;

/// <summary>Which messages a turn without output supersedes and restores.</summary>
internal sealed record BranchChange
{
    /// <summary>The position from which on current messages are superseded; null for none.</summary>
    public long? SupersedeFrom { get; init; }

    /// <summary>The position of a single message that is superseded; null for none.</summary>
    public long? SupersedeOnly { get; init; }

    /// <summary>The run whose superseding is undone; null for none.</summary>
    public long? Restore { get; init; }
}
