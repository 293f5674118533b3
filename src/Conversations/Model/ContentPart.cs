namespace Conversations;

/// <summary>One part of a message's content: <see cref="TextPart"/>, <see cref="ReasoningPart"/>, <see cref="ToolCallPart"/>,
/// <see cref="ToolResultPart"/>, <see cref="ErrorPart"/>, or <see cref="RawPart"/> for what the library doesn't know.</summary>
/// <remarks>Immutable, so safe from any thread. A lone surrogate in content is replaced by U+FFFD when the part is made.</remarks>
public abstract record ContentPart
{
    private readonly string? _metadata;

    private protected ContentPart()
    {
    }

    /// <summary>What is kept with the part and is no part of what is said, as a JSON object: annotations, a provider's own ids; <see langword="null"/> for nothing.
    /// It comes back to the letter, but for white space around it, and is not counted as tokens. At most 512 levels deep.</summary>
    /// <exception cref="ArgumentException">It is no JSON object, or the part is a <see cref="RawPart"/>, which holds all of it in its JSON.</exception>
    public string? Metadata
    {
        get => _metadata;
        init => _metadata = value is null ? null
            : this is RawPart ? throw new ArgumentException("A raw part has no metadata beside its JSON.", nameof(value))
            : JsonObjectText.Of(value, nameof(Metadata));
    }

    internal abstract MessageKind Kind { get; }

    /// <summary>The text that comes piece by piece when it is streamed; null for a part that comes whole.</summary>
    internal virtual string? Flow => null;

    /// <summary>How much it is of a stream: joined, pieces are as long as they were apart.</summary>
    internal virtual int Length => Flow?.Length ?? 1;

    /// <summary>What is safe to log: what part it is, never content.</summary>
    /// <returns>The name of the type.</returns>
    public sealed override string ToString() => GetType().Name;

    /// <summary>The same part with another <see cref="Flow"/>.</summary>
    internal virtual ContentPart WithFlow(string text) => this;

    /// <summary>The part with what a piece that follows it in a stream adds to it, but for its <see cref="Flow"/>; null if that is a part of its own.</summary>
    internal virtual ContentPart? Joined(ContentPart next) => null;
}
