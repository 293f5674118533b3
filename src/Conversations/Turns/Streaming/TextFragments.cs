namespace Conversations;

/// <summary>Converts pieces of text to fragments of a message. A surrogate pair that is split between pieces is joined.</summary>
internal sealed class TextFragments
{
    private string _carried = "";

    public ConversationMessage? Next(string text)
    {
        text = _carried + text;
        _carried = text is [.., var last] && char.IsHighSurrogate(last) ? text[^1..] : "";
        return Of(text[..^_carried.Length]);
    }

    /// <summary>Returns the unpaired surrogate that remains at the end, as a fragment; null if none remains.</summary>
    public ConversationMessage? Rest() => Of(_carried);

    private static ConversationMessage? Of(string text) => text.Length == 0 ? null : ConversationMessage.Assistant(text);
}
