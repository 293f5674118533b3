using Conversations;

namespace CustomStore;

/// <summary>A conversation with its runs and messages.</summary>
internal sealed class StoredConversation(ConversationRow row)
{
    private readonly List<ConversationMessage> _messages = [];

    public ConversationRow Row { get; set; } = row;

    public ConversationScope Scope { get; } = ConversationScope.Parse(row.Session);

    public Dictionary<long, RunRow> Runs { get; } = [];

    public bool IsActive => Row.Status == ConversationStatus.Active;

    public Conversation ToConversation() => Row.ToConversation(Scope);

    public void Add(ConversationMessage message) => _messages.Add(message);

    public bool HasMessage(long position) => IndexAfter(position) is > 0 and var after && _messages[after - 1].Position == position;

    public void RemoveMessage(long position) => _messages.RemoveAt(IndexAfter(position) - 1);

    /// <summary>The messages beyond a position, oldest first.</summary>
    public IEnumerable<ConversationMessage> After(long position)
    {
        for (var i = IndexAfter(position); i < _messages.Count; i++)
            yield return _messages[i];
    }

    /// <summary>The messages before a position, newest first.</summary>
    public IEnumerable<ConversationMessage> Before(long position)
    {
        for (var i = IndexAfter(Math.Max(position, 1) - 1) - 1; i >= 0; i--)
            yield return _messages[i];
    }

    // Positions have holes, so a place is found by halving.
    private int IndexAfter(long position)
    {
        var (low, high) = (0, _messages.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_messages[middle].Position > position)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
