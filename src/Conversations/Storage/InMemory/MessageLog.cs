namespace Conversations.Storage;

/// <summary>The messages of one conversation: position n stands at index n - 1, a deleted one leaves a hole. Used under the scope's gate.</summary>
internal sealed class MessageLog
{
    private readonly List<ConversationMessage?> _messages = [];

    public long LastPosition => _messages.Count;

    public void Append(ConversationMessage[] messages) => _messages.AddRange(messages);

    public bool Delete(long position)
    {
        if (position < 1 || position > _messages.Count || _messages[(int)position - 1] is null)
            return false;

        _messages[(int)position - 1] = null;
        return true;
    }

    public List<ConversationMessage> Window(long before, int limit)
    {
        var window = new List<ConversationMessage>(Math.Min(limit, _messages.Count));
        for (var index = IndexBelow(before); index >= 0 && window.Count < limit; index--)
        {
            if (_messages[index] is { Kind: not MessageKind.Error } message)
                window.Add(message);
        }

        window.Reverse();
        return window;
    }

    public List<ConversationMessage> Page(long? after, bool newestFirst, int limit)
    {
        var page = new List<ConversationMessage>(Math.Min(limit, _messages.Count));
        var step = newestFirst ? -1 : 1;
        var index = newestFirst ? IndexBelow(after ?? long.MaxValue) : IndexAbove(after ?? 0);
        for (; index >= 0 && index < _messages.Count && page.Count < limit; index += step)
        {
            if (_messages[index] is { } message)
                page.Add(message);
        }

        return page;
    }

    private int IndexBelow(long position) => (int)Math.Clamp(position - 1, 0, _messages.Count) - 1;

    private int IndexAbove(long position) => (int)Math.Clamp(position, 0, _messages.Count);
}
