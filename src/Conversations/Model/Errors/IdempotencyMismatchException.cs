namespace Conversations;

/// <summary>Thrown when the same caller already used the idempotency key in this scope for another input or target (<c>IDEMPOTENCY_MISMATCH</c>). Nothing was written.</summary>
public sealed class IdempotencyMismatchException : ConversationException
{
    /// <summary>Initializes a new instance of the exception.</summary>
    /// <param name="idempotencyKey">The idempotency key.</param>
    public IdempotencyMismatchException(string idempotencyKey)
        : base(ConversationErrorCodes.IdempotencyMismatch, $"The idempotency key '{WellFormed.Quote(idempotencyKey)}' was already used for another request. Use a new key for each request.") => IdempotencyKey = idempotencyKey;

    /// <summary>Gets the idempotency key.</summary>
    public string IdempotencyKey { get; }
}
