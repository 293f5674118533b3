using System.Text;

namespace Conversations;

/// <summary>A request to answer a user message again.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record RegenerateRequest
{
    private readonly string? _idempotencyKey;
    private readonly int? _historyLimit;
    private readonly int? _tokenLimit;

    /// <summary>Initializes a request.</summary>
    /// <param name="messageId">The id of a message of the answer, or of the user message that is answered.</param>
    /// <exception cref="ArgumentException">The id is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public RegenerateRequest(string messageId) => MessageId = WellFormed.Key(messageId, nameof(messageId));

    /// <summary>Gets the id of a message of the answer, or of the user message that is answered.</summary>
    public string MessageId { get; }

    /// <summary>Gets the idempotency key (see <see cref="TurnRequest.IdempotencyKey"/>), so that two clicks are answered once; <see langword="null"/> for none.</summary>
    /// <exception cref="ArgumentException">The value is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public string? IdempotencyKey
    {
        get => _idempotencyKey;
        init => _idempotencyKey = WellFormed.OptionalKey(value, nameof(IdempotencyKey));
    }

    /// <summary>Gets the maximum number of messages in the prompt (see <see cref="TurnRequest.HistoryLimit"/>); <see langword="null"/> for the value of the agent's options. A greater value than that has no effect.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? HistoryLimit
    {
        get => _historyLimit;
        init => _historyLimit = TurnRequest.AtLeastOne(value, nameof(HistoryLimit));
    }

    /// <summary>Gets the maximum number of tokens of the prompt (see <see cref="TurnRequest.TokenLimit"/>); <see langword="null"/> for the value of the agent's options. A greater value than that has no effect.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? TokenLimit
    {
        get => _tokenLimit;
        init => _tokenLimit = TurnRequest.AtLeastOne(value, nameof(TokenLimit));
    }

    /// <summary>Gets a function that counts what the prompt contains beside what the library knows (see <see cref="TurnRequest.ReservedTokens"/>); <see langword="null"/> for nothing.</summary>
    public Func<ITokenCounter, int>? ReservedTokens { get; init; }

    /// <summary>Gets the busy policy; <see langword="null"/> for the policy of the agent's options.</summary>
    public BusyPolicy? OnBusy { get; init; }

    // The text contains no content, so that it is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, MessageId);
}
