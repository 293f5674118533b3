using Conversations.Storage;

namespace Conversations;

/// <summary>A request to end a turn, successfully or not.</summary>
internal sealed record CommitTurnCommand
{
    public required TurnLease Lease { get; init; }

    public required ConversationAccess Access { get; init; }

    /// <summary>The messages to append, with their times; may be empty.</summary>
    public IReadOnlyList<ConversationMessage> Messages { get; init; } = [];

    /// <summary>The new token counts of stored messages, taken because the agent has another counter.</summary>
    public IReadOnlyList<TokenRecount> Recounts { get; init; } = [];

    /// <summary>The position from which on the run supersedes current messages; null to supersede none.</summary>
    public long? SupersedeFrom { get; init; }

    /// <summary>The position at which the next window begins, because the window of the turn does; null to leave it.</summary>
    public long? WindowStart { get; init; }

    /// <summary>The position at which the window of the run began; null if it showed no history.</summary>
    public long? ShownFrom { get; init; }

    /// <summary>The position of a single message that the run supersedes; null for none.</summary>
    public long? SupersedeOnly { get; init; }

    /// <summary>The number of the run whose superseding is undone; null for none.</summary>
    public long? Restore { get; init; }

    /// <summary>Whether the appended messages are superseded by their own run: an unfinished second answer.</summary>
    public bool AreSuperseded { get; init; }

    /// <summary>How the run ended; not <see cref="RunStatus.Running"/>.</summary>
    public required RunStatus Status { get; init; }

    public string? Model { get; init; }

    public string? FinishReason { get; init; }

    public TokenUsage? Usage { get; init; }

    /// <summary>The usage of each model, if there were several.</summary>
    public IReadOnlyList<ModelUsage> UsageByModel { get; init; } = [];

    public long? PromptTokens { get; init; }

    public long? HistoryTokens { get; init; }

    public decimal? Cost { get; init; }

    public string? Error { get; init; }

    /// <summary>Whether segments of the run were saved, so that they are kept for a while.</summary>
    public bool HasSegments { get; init; }
}
