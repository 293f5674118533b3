using System.Text;

namespace Conversations;

/// <summary>The record of a turn, or of an answer of a summarizer.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record ConversationRun
{
    private readonly RunStatus _status;

    // Set only if it differs from the status, so that equivalent runs are equal.
    private readonly RunStatus? _outcome;
    private readonly OptionalTime _endedAt;

    // Nearly every run used one model.
    private readonly EqualList<ModelUsage>? _usageByModel;

    /// <summary>Gets the id of the conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Gets the run number. Later runs of a conversation have higher numbers. There can be gaps, and numbers are never reused.</summary>
    public required long Number { get; init; }

    /// <summary>Gets the id, which is derived from conversation and run number.</summary>
    public string Id => ConversationIds.Run(ConversationId, Number);

    /// <summary>Gets what the run is the record of.</summary>
    public RunKind Kind { get; init; }

    /// <summary>Gets the status.</summary>
    public RunStatus Status
    {
        get => _status;
        init => (_status, _outcome) = (value, value == RunStatus.Superseded ? _outcome : null);
    }

    /// <summary>Gets the status that the run had before it was superseded; the same as <see cref="Status"/> if it was not.</summary>
    public RunStatus Outcome
    {
        get => _status == RunStatus.Superseded ? _outcome ?? _status : _status;
        init => _outcome = value == _status ? null : value;
    }

    /// <summary>Gets the number of the run that superseded the output; <see langword="null"/> unless the status is <see cref="RunStatus.Superseded"/>.</summary>
    public long? SupersededBy { get; init; }

    /// <summary>Gets the caller, as <see cref="ConversationIdentity.Key"/>; <see langword="null"/> for a caller without identity. The caller of a summary is that of the turn after which it was made.</summary>
    public string? Caller { get; init; }

    /// <summary>Gets the model, the last one if there were several; <see langword="null"/> if the agent or the summarizer did not report it.</summary>
    public string? Model { get; init; }

    /// <summary>Gets the finish reason, as the provider or adapter names it, such as <c>stop</c> or <c>length</c>; <see langword="null"/> if the agent did not report it.</summary>
    public string? FinishReason { get; init; }

    /// <summary>Gets the token usage; <see langword="null"/> if the agent or the summarizer did not report it.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>Gets the token usage of each model, if the run used several: they add up to <see cref="Usage"/>. Empty if it used one.</summary>
    public IReadOnlyList<ModelUsage> UsageByModel
    {
        get => _usageByModel ?? (IReadOnlyList<ModelUsage>)[];
        init => _usageByModel = value is { Count: > 0 } ? new EqualList<ModelUsage>(value) : null;
    }

    /// <summary>Gets the total tokens of the prompts that the agent read, counted by the agent's counter; <see langword="null"/> if none was read or counted. Unlike <see cref="Usage"/>, the agent does not need to report it.</summary>
    public long? PromptTokens { get; init; }

    /// <summary>Gets the part of <see cref="PromptTokens"/> that history and summaries account for; <see langword="null"/> if <see cref="PromptTokens"/> is.</summary>
    public long? HistoryTokens { get; init; }

    /// <summary>Gets the position of the first message of the history that the last prompt of the run could show; <see langword="null"/> if it showed no history, and for a summary. What of the history
    /// is excluded after it is described by <see cref="ConversationTurn.Window"/> while the turn is open.</summary>
    public long? WindowStart { get; init; }

    /// <summary>Gets the cost, in the currency of the host: the cost that the agent or the summarizer reported, or the cost of the tokens by the prices at the end of the run; <see langword="null"/> if neither is known.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Gets the type of the exception; <see langword="null"/> unless <see cref="RunStatus.Failed"/>.</summary>
    public string? Error { get; init; }

    /// <summary>Gets the idempotency key; <see langword="null"/> if the request had none or a retry has it.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Gets whether the run answered existing input again, as a retry and a regeneration do, and did not bring its input.</summary>
    public bool IsOnExistingInput { get; init; }

    /// <summary>Gets the position of the first input message; 0 for a summary.</summary>
    public long InputPosition { get; init; }

    /// <summary>Gets the number of input messages; 0 for a summary. The first has <see cref="InputPosition"/>, and the others follow it.</summary>
    public int InputCount { get; init; }

    /// <summary>Gets the position of the message that the input replaces, with everything after it; <see langword="null"/> unless the request named one (<see cref="TurnRequest.ReplaceMessageId"/>). If the run did not complete, nothing was replaced.</summary>
    public long? ReplacedPosition { get; init; }

    /// <summary>Gets the position of the first output message; 0 if there is none.</summary>
    public long OutputPosition { get; init; }

    /// <summary>Gets the number of output messages. The first has <see cref="OutputPosition"/>, and the others follow it.</summary>
    public int OutputCount { get; init; }

    /// <summary>Gets when the run began (UTC).</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Gets when the run ended (UTC); <see langword="null"/> while it is running.</summary>
    public DateTimeOffset? EndedAt
    {
        get => _endedAt;
        init => _endedAt = value;
    }

    // The text contains no key, so that it is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, $"{Id} {Status}");
}
