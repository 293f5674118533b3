using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Makes pieces of text and reasoning such that they can be put together: characters that are cut in two between them, as streams of tokens cut them, come whole.</summary>
internal sealed class StreamedText
{
    private char? _half;
    private Type? _of;

    /// <summary>Takes half a character from the end of a piece, and gives it to the next one of its kind.</summary>
    /// <returns>The piece; null if nothing is left of it.</returns>
    public AIContent? Whole(AIContent piece)
    {
        if (TextOf(piece) is not { } text || (_half is null && !EndsInHalf(text) && piece is not TextReasoningContent { ProtectedData: "" }))
            return piece;

        // A half whose other half does not follow is no text.
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

    // Some streams begin with an empty text where the signature will be. It is none, and would end the part before it has begun.
    private static string? ProtectedDataOf(TextReasoningContent reasoning) => string.IsNullOrEmpty(reasoning.ProtectedData) ? null : reasoning.ProtectedData;

    private static AIContent WithText(AIContent piece, string text) => piece is TextReasoningContent reasoning
        ? new TextReasoningContent(text) { ProtectedData = ProtectedDataOf(reasoning), Annotations = piece.Annotations, AdditionalProperties = piece.AdditionalProperties }
        : new TextContent(text) { Annotations = piece.Annotations, AdditionalProperties = piece.AdditionalProperties };
}
