using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>A part that consists of text.</summary>
[JsonConverter(typeof(MessageJsonConverter))]
public sealed record TextPart : ContentPart
{
    /// <summary>Initializes a text part.</summary>
    /// <param name="text">The text; may be empty.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is <see langword="null"/>.</exception>
    public TextPart(string text) => Text = WellFormed.Content(text, nameof(text));

    /// <summary>Gets the text.</summary>
    public string Text { get; private init; }

    internal override MessageKind Kind => MessageKind.Message;

    internal override string Flow => Text;

    // Metadata counts, so that a follower that has all of the text still receives it.
    internal override int Length => Text.Length + (Metadata is null ? 0 : 1);

    internal override ContentPart WithFlow(string text) => this with { Text = text };

    // A piece with metadata is not combined: the metadata refers to its text.
    internal override ContentPart? Joined(ContentPart next) => next is TextPart && Metadata is null && next.Metadata is null ? this : null;
}
