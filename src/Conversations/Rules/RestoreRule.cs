namespace Conversations;

/// <summary>What restoring supersedes, and on what it depends.</summary>
internal sealed record RestoreRule
{
    /// <summary>The position from which on current messages are superseded; null for none, unless <see cref="IsFromAnswer"/>.</summary>
    public long? From { get; init; }

    /// <summary>Whether current messages are superseded from the answer to the input of the run on, or from the first message after it that the run superseded.</summary>
    public bool IsFromAnswer { get; init; }

    /// <summary>The position of the message that must be current, because what is restored takes its place; null for none.</summary>
    public long? MustBeCurrent { get; init; }

    /// <summary>The id of the message that must be restored first; null if restoring is possible.</summary>
    public string? MustBeRestoredFirst { get; init; }
}
