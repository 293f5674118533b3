namespace Conversations;

/// <summary>The store failed: full, damaged, read-only, of a newer version, out of reach, or with an unknown outcome; see <see cref="ConversationException.Code"/>.</summary>
public sealed class ConversationStoreException : ConversationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="code">One of <see cref="ConversationErrorCodes"/> that begins with <c>STORE</c>, <c>SCHEMA_TOO_NEW</c> or <c>COMMIT_OUTCOME_UNKNOWN</c>.</param>
    /// <param name="message">What happened, without content.</param>
    /// <param name="innerException">The driver's exception.</param>
    public ConversationStoreException(string code, string message, Exception? innerException = null)
        : base(code, message, innerException)
    {
    }
}
