namespace Conversations.Extensions.AI.Tests;

/// <summary>Text in pieces, as a stream brings it.</summary>
internal static class Pieces
{
    /// <summary>
    /// Pieces of about a length. They are cut within words, and within emoji of several characters, but never within one
    /// character: the API's events are well-formed text.
    /// </summary>
    public static IEnumerable<string> OfText(string text, int length)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = Math.Min(start + length, text.Length);

            if (end < text.Length && char.IsLowSurrogate(text[end]) && char.IsHighSurrogate(text[end - 1]))
            {
                end++;
            }

            yield return text[start..end];
            start = end;
        }
    }
}
