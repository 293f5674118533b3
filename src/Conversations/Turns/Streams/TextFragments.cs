namespace Conversations;

/// <summary>Makes fragments of a message from pieces of text. A character that is cut in two between pieces is put together again.</summary>
internal sealed class TextFragments
{
    private string _carried = "";

    public ConversationMessage? Next(string text)
    {
        text = _carried + text;
        _carried = text is [.., var last] && char.IsHighSurrogate(last) ? text[^1..] : "";
        return Of(text[..^_carried.Length]);
    }

    /// <summary>What is left in the end: half a character, which is no text.</summary>
    public ConversationMessage? Rest() => Of(_carried);

    private static ConversationMessage? Of(string text) => text.Length == 0 ? null : ConversationMessage.Assistant(text);
}
