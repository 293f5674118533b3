namespace Conversations;

/// <summary>The record that a turn leaves.</summary>
/// <remarks>Immutable, so safe from any thread.</remarks>
public sealed record ConversationRun
{
    private readonly RunStatus _status;

    // Kept only where it says more than the status, so that runs that say the same are equal.
    private readonly RunStatus? _outcome;

    /// <summary>The conversation it belongs to.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Its number, which is also the fence of its lease: later runs of a conversation have higher ones, with gaps, never reused.</summary>
    public required long Number { get; init; }

    /// <summary>Its id, from its conversation and number.</summary>
    public string Id => ConversationIds.Run(ConversationId, Number);

    /// <summary>How far it has come.</summary>
    public RunStatus Status
    {
        get => _status;
        init => (_status, _outcome) = (value, value == RunStatus.Superseded ? _outcome : null);
    }

    /// <summary>How far it has come, whatever superseded it since: <see cref="Status"/>, unless that is <see cref="RunStatus.Superseded"/>.</summary>
    public RunStatus Outcome
    {
        get => _status == RunStatus.Superseded ? _outcome ?? _status : _status;
        init => _outcome = value == _status ? null : value;
    }

    /// <summary>The number of the run that superseded its answer; <see langword="null"/> unless its status is <see cref="RunStatus.Superseded"/>.</summary>
    public long? SupersededBy { get; init; }

    /// <summary>Who asked, as <see cref="ConversationIdentity.Key"/>; <see langword="null"/> for a caller without identity.</summary>
    public string? Caller { get; init; }

    /// <summary>The model that answered; <see langword="null"/> if the agent did not say.</summary>
    public string? Model { get; init; }

    /// <summary>Why the model stopped, in its provider's or adapter's words, such as <c>stop</c> or <c>length</c>; <see langword="null"/> if the agent did not say.</summary>
    public string? FinishReason { get; init; }

    /// <summary>The tokens used; <see langword="null"/> if the agent did not say.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>What the prompts that the agent took cost together, counted by the agent's counter; <see langword="null"/> if none was taken or counted. Unlike <see cref="Usage"/> it is known without the agent's word.</summary>
    public long? PromptTokens { get; init; }

    /// <summary>How much of <see cref="PromptTokens"/> was history and summaries, rather than system prompt, input and what the turn itself added; <see langword="null"/> if that is.</summary>
    public long? HistoryTokens { get; init; }

    /// <summary>What it cost, in the currency that the host reckons in: what the agent said, or what its tokens cost by the prices that held when it ended; <see langword="null"/> if neither is known.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Why it failed: the type of the exception; <see langword="null"/> unless <see cref="RunStatus.Failed"/>.</summary>
    public string? Error { get; init; }

    /// <summary>Its idempotency key; <see langword="null"/> if it had none or a later run of the same request took it over.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The position of its first input message.</summary>
    public long InputPosition { get; init; }

    /// <summary>How many input messages it had. They stand at <see cref="InputPosition"/> and the positions after it.</summary>
    public int InputCount { get; init; }

    /// <summary>The position of the first message it added; 0 if it added none.</summary>
    public long OutputPosition { get; init; }

    /// <summary>How many messages it added. They stand at <see cref="OutputPosition"/> and the positions after it.</summary>
    public int OutputCount { get; init; }

    /// <summary>When it began (UTC).</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended (UTC); <see langword="null"/> while it is running.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}
