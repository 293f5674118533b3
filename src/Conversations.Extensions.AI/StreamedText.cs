using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Prepares pieces of text and reasoning for the store. Surrogate pairs are joined that are split between pieces, as streams of tokens split them. Properties that each piece of a reasoning repeats are kept for its end:
/// a piece with properties ends a part.</summary>
internal sealed class StreamedText
{
    private char? _half;
    private Type? _of;
    private AdditionalPropertiesDictionary? _properties;

    /// <summary>Removes an unpaired surrogate from the end of a piece, and adds it to the next piece of its kind.</summary>
    /// <returns>The piece, perhaps after the end of the reasoning before it; nothing if nothing remains of it.</returns>
    public IEnumerable<AIContent> Whole(AIContent piece)
    {
        // Streams begin with empty text, also before something else.
        if (piece is TextContent { Text.Length: 0, Annotations: null, AdditionalProperties: null } && piece.GetType() == typeof(TextContent))
            yield break;

        var repeated = piece is TextReasoningContent { AdditionalProperties.Count: > 0, Annotations: null } ? piece.AdditionalProperties : null;
        if (_properties is not null && (repeated is null || !AreEqual(_properties, repeated)) && End() is { } end)
            yield return end;
        if (repeated is not null)
            (piece, _properties) = piece is TextReasoningContent { ProtectedData.Length: > 0 } ? (piece, null) : (WithText(piece, TextOf(piece)!, properties: null), repeated);
        if (Paired(piece) is { } paired)
            yield return paired;
    }

    /// <summary>Returns the end of the current reasoning, with its properties; null if there are none.</summary>
    public AIContent? End()
    {
        var end = _properties is null ? null : new TextReasoningContent("") { AdditionalProperties = _properties };
        _properties = null;
        return end;
    }

    private AIContent? Paired(AIContent piece)
    {
        if (TextOf(piece) is not { } text || (_half is null && !EndsInHalf(text) && piece is not TextReasoningContent { ProtectedData: "" }))
            return piece;

        // A surrogate without its other half is not text.
        if (_half is { } half && _of == piece.GetType())
            text = half + text;
        _half = EndsInHalf(text) ? text[^1] : null;
        _of = piece.GetType();
        text = _half is null ? text : text[..^1];
        return text.Length == 0 && piece is not TextReasoningContent { ProtectedData.Length: > 0 } ? null : WithText(piece, text, piece.AdditionalProperties);
    }

    private static bool AreEqual(AdditionalPropertiesDictionary first, AdditionalPropertiesDictionary second) =>
        first.Count == second.Count && first.All(property => second.TryGetValue(property.Key, out var value) && Equals(property.Value, value));

    private static string? TextOf(AIContent piece) => piece switch
    {
        TextContent { Text: var text } => text,
        TextReasoningContent { Text: var text } => text,
        _ => null,
    };

    private static bool EndsInHalf(string text) => text is [.., var last] && char.IsHighSurrogate(last);

    // Some streams begin with empty text in place of the signature, which would end the part before it has begun.
    private static string? ProtectedDataOf(TextReasoningContent reasoning) => string.IsNullOrEmpty(reasoning.ProtectedData) ? null : reasoning.ProtectedData;

    private static AIContent WithText(AIContent piece, string text, AdditionalPropertiesDictionary? properties) => piece is TextReasoningContent reasoning
        ? new TextReasoningContent(text) { ProtectedData = ProtectedDataOf(reasoning), Annotations = piece.Annotations, AdditionalProperties = properties }
        : new TextContent(text) { Annotations = piece.Annotations, AdditionalProperties = properties };
}
