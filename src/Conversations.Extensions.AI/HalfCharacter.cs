using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Puts characters together that are cut in two between pieces of text, as streams of tokens cut them.</summary>
internal sealed class HalfCharacter
{
    private char? _half;
    private Type? _of;

    /// <summary>Takes the half from the end of a piece, and gives it to the next one of its kind.</summary>
    /// <returns>The piece; null if nothing is left of it.</returns>
    public AIContent? Join(AIContent piece)
    {
        if (TextOf(piece) is not { } text || (_half is null && !EndsInHalf(text)))
            return piece;

        // A half whose other half does not follow is no text.
        if (_half is { } half && _of == piece.GetType())
            text = half + text;
        _half = EndsInHalf(text) ? text[^1] : null;
        _of = piece.GetType();
        text = _half is null ? text : text[..^1];
        return text.Length == 0 && piece is not TextReasoningContent { ProtectedData: not null } ? null : WithText(piece, text);
    }

    private static string? TextOf(AIContent piece) => piece switch
    {
        TextContent { Text: var text } => text,
        TextReasoningContent { Text: var text } => text,
        _ => null,
    };

    private static bool EndsInHalf(string text) => text is [.., var last] && char.IsHighSurrogate(last);

    private static AIContent WithText(AIContent piece, string text) => piece is TextReasoningContent reasoning
        ? new TextReasoningContent(text) { ProtectedData = reasoning.ProtectedData, Annotations = piece.Annotations, AdditionalProperties = piece.AdditionalProperties }
        : new TextContent(text) { Annotations = piece.Annotations, AdditionalProperties = piece.AdditionalProperties };
}
