namespace Conversations;

/// <summary>One part of a message's content: <see cref="TextPart"/>, <see cref="ToolCallPart"/>,
/// <see cref="ToolResultPart"/>, <see cref="ErrorPart"/>, or <see cref="RawPart"/> for what the library doesn't know.</summary>
/// <remarks>Immutable, so safe from any thread. A lone surrogate in content is replaced by U+FFFD when the part is made.</remarks>
public abstract record ContentPart
{
    private protected ContentPart()
    {
    }

    internal abstract MessageKind Kind { get; }

    /// <summary>What is safe to log: what part it is, never content.</summary>
    /// <returns>The name of the type.</returns>
    public sealed override string ToString() => GetType().Name;
}
