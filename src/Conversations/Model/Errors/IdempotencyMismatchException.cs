namespace Conversations;

/// <summary>The idempotency key was used before, in this scope and by this caller, for another input or target (<c>IDEMPOTENCY_MISMATCH</c>); nothing was written.</summary>
public sealed class IdempotencyMismatchException : ConversationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="idempotencyKey">The key.</param>
    public IdempotencyMismatchException(string idempotencyKey)
        : base(ConversationErrorCodes.IdempotencyMismatch, $"The idempotency key '{WellFormed.Quote(idempotencyKey)}' was used for another request.") => IdempotencyKey = idempotencyKey;

    /// <summary>The key.</summary>
    public string IdempotencyKey { get; }
}
