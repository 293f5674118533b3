namespace Conversations.Storage;

/// <summary>What <see cref="IConversationStore.CommitTurnAsync"/> is asked: the end of a turn, good or bad.</summary>
public sealed record CommitTurnCommand
{
    /// <summary>The lease that the turn was given.</summary>
    public required TurnLease Lease { get; init; }

    /// <summary>The messages to append; may be empty. Their <see cref="ConversationMessage.CreatedAt"/> is set, with any offset; the store sets conversation, position and run, and keeps the rest.</summary>
    public IReadOnlyList<ConversationMessage> Messages { get; init; } = [];

    /// <summary>Counts for messages that stand in the conversation already, taken since another counter was chosen; may be empty [4.8].</summary>
    public IReadOnlyList<MessageRecount> Recounts { get; init; } = [];

    /// <summary>The position from which on this run supersedes what stands there and is current, all kinds; <see langword="null"/> to supersede nothing [19.2].</summary>
    public long? SupersedeFrom { get; init; }

    /// <summary>The number of the run whose superseding is undone; <see langword="null"/> for none [19.3].</summary>
    public long? Restore { get; init; }

    /// <summary>Whether the messages that are appended are superseded by this very run: what a second answer leaves that was not finished [19.4].</summary>
    public bool AreSuperseded { get; init; }

    /// <summary>How the run ended; not <see cref="RunStatus.Running"/>.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>The model that answered; <see langword="null"/> if not known.</summary>
    public string? Model { get; init; }

    /// <summary>Why the model stopped; <see langword="null"/> if not known.</summary>
    public string? FinishReason { get; init; }

    /// <summary>The tokens used; <see langword="null"/> if not known.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>What the prompts of the turn cost; <see langword="null"/> if that was not counted. Set together with <see cref="HistoryTokens"/>.</summary>
    public long? PromptTokens { get; init; }

    /// <summary>How much of that was history; <see langword="null"/> if that was not counted.</summary>
    public long? HistoryTokens { get; init; }

    /// <summary>What it cost; <see langword="null"/> if not known.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Why it failed; stored as given, whatever the status.</summary>
    public string? Error { get; init; }
}

/// <summary>A new count of a stored message.</summary>
/// <param name="Position">Its position.</param>
/// <param name="Tokens">What it costs.</param>
public sealed record MessageRecount(long Position, TokenAmount Tokens);
