namespace Conversations;

/// <summary>Which message is answered again, and on what terms.</summary>
/// <remarks>Immutable, so safe from any thread.</remarks>
public sealed record RegenerateRequest
{
    private readonly string? _idempotencyKey;
    private readonly int? _historyLimit;
    private readonly int? _tokenLimit;

    /// <summary>Makes a request.</summary>
    /// <param name="messageId">A message of the answer, or the user's message that is answered.</param>
    /// <exception cref="ArgumentException">The id is empty or blank, holds a NUL or is not well-formed UTF-16.</exception>
    public RegenerateRequest(string messageId) => MessageId = WellFormed.Key(messageId, nameof(messageId));

    /// <summary>A message of the answer, or the user's message that is answered.</summary>
    public string MessageId { get; }

    /// <summary>The host's own key of this request, see <see cref="TurnRequest.IdempotencyKey"/>: two clicks are answered once. <see langword="null"/> for none.</summary>
    /// <exception cref="ArgumentException">It is empty or blank, holds a NUL or is not well-formed UTF-16.</exception>
    public string? IdempotencyKey
    {
        get => _idempotencyKey;
        init => _idempotencyKey = WellFormed.OptionalKey(value, nameof(IdempotencyKey));
    }

    /// <summary>How many messages go to the model, see <see cref="TurnRequest.HistoryLimit"/>; <see langword="null"/> for what the agent's options say.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public int? HistoryLimit
    {
        get => _historyLimit;
        init => _historyLimit = TurnRequest.AtLeastOne(value, nameof(HistoryLimit));
    }

    /// <summary>How many tokens the prompt may cost, see <see cref="TurnRequest.TokenLimit"/>; <see langword="null"/> for what the agent's options say.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public int? TokenLimit
    {
        get => _tokenLimit;
        init => _tokenLimit = TurnRequest.AtLeastOne(value, nameof(TokenLimit));
    }

    /// <summary>What to do when the conversation is busy; <see langword="null"/> for what the agent's options say.</summary>
    public BusyPolicy? OnBusy { get; init; }

    /// <summary>What is safe to log: the message's id.</summary>
    /// <returns>The id.</returns>
    public override string ToString() => MessageId;
}
