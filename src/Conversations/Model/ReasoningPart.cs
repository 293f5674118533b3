namespace Conversations;

/// <summary>What a model thinks before it speaks. It is not part of <see cref="ConversationMessage.Text"/>.</summary>
/// <remarks>Pieces that follow one another in a stream become one, up to the first with <see cref="ProtectedData"/> or <see cref="ContentPart.Metadata"/>, which comes last.</remarks>
public sealed record ReasoningPart : ContentPart
{
    private readonly string? _protectedData;

    /// <summary>Makes a part of reasoning.</summary>
    /// <param name="text">The text; empty if the provider shows none.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is <see langword="null"/>.</exception>
    public ReasoningPart(string text) => Text = WellFormed.Content(text, nameof(text));

    /// <summary>The text, as it was thought.</summary>
    public string Text { get; private init; }

    /// <summary>What the provider wants back with it, unchanged: a signature, or the reasoning itself, encrypted; <see langword="null"/> for nothing.</summary>
    public string? ProtectedData
    {
        get => _protectedData;
        init => _protectedData = value is null ? null : WellFormed.Content(value, nameof(ProtectedData));
    }

    internal override MessageKind Kind => MessageKind.Message;

    internal override string Flow => Text;

    // What closes it counts, so that a follower who has all of the text gets that, too.
    internal override int Length => Text.Length + (IsClosed ? 1 : 0);

    private bool IsClosed => ProtectedData is not null || Metadata is not null;

    internal override ContentPart WithFlow(string text) => this with { Text = text };

    internal override ContentPart? Joined(ContentPart next) =>
        next is ReasoningPart piece && !IsClosed ? piece.IsClosed ? this with { ProtectedData = piece.ProtectedData, Metadata = piece.Metadata } : this : null;
}
