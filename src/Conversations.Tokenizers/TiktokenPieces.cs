using System.Text.RegularExpressions;

namespace Conversations;

/// <summary>The published expressions of the encodings, by which a text is split into pieces.</summary>
/// <remarks>The library's own splitters also find special tokens, which count as text here. .NET's <c>\p{L}</c> covers the first plane of Unicode only.</remarks>
internal static partial class TiktokenPieces
{
    [GeneratedRegex(@"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    public static partial Regex O200k();

    [GeneratedRegex(@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    public static partial Regex Cl100k();
}
