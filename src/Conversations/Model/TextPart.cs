namespace Conversations;

/// <summary>Text.</summary>
public sealed record TextPart : ContentPart
{
    /// <summary>Makes a part of text.</summary>
    /// <param name="text">The text; may be empty.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is <see langword="null"/>.</exception>
    public TextPart(string text) => Text = WellFormed.Content(text, nameof(text));

    /// <summary>The text, as it was said.</summary>
    public string Text { get; private init; }

    internal override MessageKind Kind => MessageKind.Message;

    internal override string Flow => Text;

    // What annotates it counts, so that a follower who has all of the text gets that, too.
    internal override int Length => Text.Length + (Metadata is null ? 0 : 1);

    internal override ContentPart WithFlow(string text) => this with { Text = text };

    // What is annotated is annotated as it stands.
    internal override ContentPart? Joined(ContentPart next) => next is TextPart && Metadata is null && next.Metadata is null ? this : null;
}
