namespace Conversations;

/// <summary>Thrown when the store fails: it is full, damaged, read-only, of a newer version or unavailable, or the outcome of a commit is unknown. See <see cref="ConversationException.Code"/>.</summary>
public sealed class ConversationStoreException : ConversationException
{
    /// <summary>Initializes a new instance of the exception.</summary>
    /// <param name="code">One of <see cref="ConversationErrorCodes"/> that begins with <c>STORE</c>, <c>SCHEMA_TOO_NEW</c> or <c>COMMIT_OUTCOME_UNKNOWN</c>.</param>
    /// <param name="message">The message, without content.</param>
    /// <param name="innerException">The driver's exception.</param>
    public ConversationStoreException(string code, string message, Exception? innerException = null)
        : base(code, message, innerException)
    {
    }
}
