using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Joins surrogate pairs that are split between pieces of text or reasoning, as streams of tokens split them.</summary>
internal sealed class StreamedText
{
    private char? _half;
    private Type? _of;

    /// <summary>Removes an unpaired surrogate from the end of a piece, and adds it to the next piece of its kind.</summary>
    /// <returns>The piece; null if nothing remains of it.</returns>
    public AIContent? Whole(AIContent piece)
    {
        if (TextOf(piece) is not { } text || (_half is null && !EndsInHalf(text) && piece is not TextReasoningContent { ProtectedData: "" }))
            return piece;

        // A surrogate without its other half is not text.
        if (_half is { } half && _of == piece.GetType())
            text = half + text;
        _half = EndsInHalf(text) ? text[^1] : null;
        _of = piece.GetType();
        text = _half is null ? text : text[..^1];
        return text.Length == 0 && piece is not TextReasoningContent { ProtectedData.Length: > 0 } ? null : WithText(piece, text);
    }

    private static string? TextOf(AIContent piece) => piece switch
    {
        TextContent { Text: var text } => text,
        TextReasoningContent { Text: var text } => text,
        _ => null,
    };

    private static bool EndsInHalf(string text) => text is [.., var last] && char.IsHighSurrogate(last);

    // Some streams begin with empty text in place of the signature, which would end the part before it has begun.
    private static string? ProtectedDataOf(TextReasoningContent reasoning) => string.IsNullOrEmpty(reasoning.ProtectedData) ? null : reasoning.ProtectedData;

    private static AIContent WithText(AIContent piece, string text) => piece is TextReasoningContent reasoning
        ? new TextReasoningContent(text) { ProtectedData = ProtectedDataOf(reasoning), Annotations = piece.Annotations, AdditionalProperties = piece.AdditionalProperties }
        : new TextContent(text) { Annotations = piece.Annotations, AdditionalProperties = piece.AdditionalProperties };
}
