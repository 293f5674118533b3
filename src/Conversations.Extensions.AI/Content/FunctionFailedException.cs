namespace Conversations;

/// <summary>Stands for an exception that a stored call or result had: only that there was one is kept. Adapters of providers tell the model so. It is never thrown.</summary>
public sealed class FunctionFailedException : ConversationException
{
    private FunctionFailedException(string message, string? arguments)
        : base(ConversationErrorCodes.FunctionFailed, message) => Arguments = arguments;

    /// <summary>The text of arguments that could not be read, to be written again; null if they were not kept.</summary>
    internal string? Arguments { get; }

    internal static FunctionFailedException OfResult() => new("The function failed; what it said is the result.", arguments: null);

    internal static FunctionFailedException OfCall(string? arguments) => new("The arguments of the call could not be read.", arguments);
}
