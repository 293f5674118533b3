using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>The reasoning of a model. It is not part of <see cref="ConversationMessage.Text"/>.</summary>
/// <remarks>Prompts contain reasoning with <see cref="ProtectedData"/> only, if the run that wrote it names the model of the turn (<see cref="ConversationTurn.Model"/>) and other content of the answer follows it. Other reasoning is kept for people. Consecutive pieces of a stream are combined, up to and including the first with <see cref="ProtectedData"/> or <see cref="ContentPart.Metadata"/>, which comes last.</remarks>
[JsonConverter(typeof(MessageJsonConverter))]
public sealed record ReasoningPart : ContentPart
{
    private readonly string? _protectedData;

    /// <summary>Initializes a reasoning part.</summary>
    /// <param name="text">The text; empty if the provider returns none.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is <see langword="null"/>.</exception>
    public ReasoningPart(string text) => Text = WellFormed.Content(text, nameof(text));

    /// <summary>Gets the text.</summary>
    public string Text { get; private init; }

    /// <summary>Gets the data that the provider requires back unchanged, such as a signature or encrypted reasoning; <see langword="null"/> for none. An empty text is none.</summary>
    public string? ProtectedData
    {
        get => _protectedData;
        init => _protectedData = string.IsNullOrEmpty(value) ? null : WellFormed.Content(value, nameof(ProtectedData));
    }

    internal override MessageKind Kind => MessageKind.Message;

    internal override bool IsModelBound => ProtectedData is not null;

    internal override string Flow => Text;

    // Protected data counts, so that a follower that has all of the text still receives it.
    internal override int Length => Text.Length + (IsClosed ? 1 : 0);

    private bool IsClosed => ProtectedData is not null || Metadata is not null;

    internal override ContentPart WithFlow(string text) => this with { Text = text };

    internal override ContentPart? Joined(ContentPart next) =>
        next is ReasoningPart piece && !IsClosed ? piece.IsClosed ? this with { ProtectedData = piece.ProtectedData, Metadata = piece.Metadata } : this : null;
}
