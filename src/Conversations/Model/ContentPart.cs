using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>One part of a message's content: <see cref="TextPart"/>, <see cref="ReasoningPart"/>, <see cref="ToolCallPart"/>,
/// <see cref="ToolResultPart"/>, <see cref="DataPart"/>, <see cref="ApprovalRequestPart"/>, <see cref="ApprovalResponsePart"/>, <see cref="ErrorPart"/>, or <see cref="RawPart"/> for other types.</summary>
/// <remarks>This type is immutable and thread-safe. An unpaired surrogate in content is replaced by U+FFFD when the part is created.</remarks>
[JsonConverter(typeof(MessageJsonConverter))]
public abstract record ContentPart
{
    private readonly string? _metadata;

    private protected ContentPart()
    {
    }

    /// <summary>Gets the metadata of the part as a JSON object, such as annotations or a provider's ids; <see langword="null"/> for none.
    /// The text is stored unchanged, except for leading and trailing white space, and is not counted as tokens. Its maximum depth is 512.</summary>
    /// <exception cref="ArgumentException">The value is not a JSON object, or the part is a <see cref="RawPart"/>, whose JSON contains the metadata.</exception>
    public string? Metadata
    {
        get => _metadata;
        init => _metadata = value is null ? null
            : this is RawPart ? throw new ArgumentException("A raw part has no separate metadata. Add it to the JSON of the part.", nameof(value))
            : JsonObjectText.Of(value, nameof(Metadata));
    }

    internal abstract MessageKind Kind { get; }

    /// <summary>Gets whether only the model that wrote the part can read it.</summary>
    internal virtual bool IsModelBound => false;

    /// <summary>Gets the text that is streamed in pieces; null for a part that is streamed whole.</summary>
    internal virtual string? Flow => null;

    /// <summary>Gets the length in a stream. Joining pieces does not change their total length.</summary>
    internal virtual int Length => Flow?.Length ?? 1;

    /// <summary>Returns text that is safe to log: the type of the part, never content.</summary>
    /// <returns>The name of the type.</returns>
    public sealed override string ToString() => GetType().Name;

    /// <summary>Returns a copy of the part with another <see cref="Flow"/>.</summary>
    internal virtual ContentPart WithFlow(string text) => this;

    /// <summary>Returns the part combined with the next piece of a stream, without its <see cref="Flow"/>; null if the piece is a separate part.</summary>
    internal virtual ContentPart? Joined(ContentPart next) => null;
}
