namespace Conversations;

/// <summary>Represents an exception of a stored call or result. Only its existence is stored, which adapters of providers report to the model. It is never thrown.</summary>
public sealed class FunctionFailedException : ConversationException
{
    private FunctionFailedException(string message, string? arguments)
        : base(ConversationErrorCodes.FunctionFailed, message) => Arguments = arguments;

    /// <summary>Gets the text of arguments that could not be read, from which they are written back; null if it was not kept.</summary>
    internal string? Arguments { get; }

    internal static FunctionFailedException OfResult() => new("The function failed. Its error text is the result.", arguments: null);

    internal static FunctionFailedException OfCall(string? arguments) => new("The arguments of the call could not be read.", arguments);
}
