namespace Conversations;

/// <summary>The base class of the exceptions of the library. Exceptions never contain message content.</summary>
public abstract class ConversationException : Exception
{
    /// <summary>Initializes a new instance of the exception.</summary>
    /// <param name="code">One of <see cref="ConversationErrorCodes"/>.</param>
    /// <param name="message">The message, without content.</param>
    /// <param name="innerException">The cause.</param>
    protected ConversationException(string code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>Gets the error code, one of <see cref="ConversationErrorCodes"/>. Codes do not change between versions.</summary>
    public string Code { get; }
}
