namespace Conversations;

/// <summary>The base of every exception of the library. None of them holds what a user or a model said.</summary>
public abstract class ConversationException : Exception
{
    /// <summary>Makes an exception.</summary>
    /// <param name="code">One of <see cref="ConversationErrorCodes"/>.</param>
    /// <param name="message">What happened, without content.</param>
    /// <param name="innerException">What caused it.</param>
    protected ConversationException(string code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>What happened, for programs: one of <see cref="ConversationErrorCodes"/>. It never changes between versions.</summary>
    public string Code { get; }
}
