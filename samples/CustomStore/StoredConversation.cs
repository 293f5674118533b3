using Conversations;
using Conversations.Storage;

namespace CustomStore;

/// <summary>A conversation with its runs and messages.</summary>
internal sealed class StoredConversation(ConversationRow row)
{
    private readonly List<ConversationMessage> _messages = [];

    public ConversationRow Row { get; set; } = row;

    public string Id => Row.Conversation.Id;

    public ConversationScope Scope { get; } = ConversationScope.Parse(row.Conversation.SessionId);

    public Dictionary<long, RunRow> Runs { get; } = [];

    public bool IsActive => Row.Conversation.IsActive;

    public void Add(ConversationMessage message) => _messages.Add(message);

    public bool HasMessage(long position) => IndexAfter(position) is > 0 and var after && _messages[after - 1].Position == position;

    public void RemoveMessage(long position) => _messages.RemoveAt(IndexAfter(position) - 1);

    /// <summary>The newest messages before a position, oldest first; errors are passed over before they count [7].</summary>
    public IReadOnlyList<ConversationMessage> Window(WindowQuery query) =>
        [.. Before(query.Before).Where(message => message.Kind != MessageKind.Error).Take(query.Limit).Reverse()];

    /// <summary>The messages beyond a position, in either direction [8.1].</summary>
    public IReadOnlyList<ConversationMessage> Messages(MessageRange query) =>
        [.. (query.NewestFirst ? Before(query.After ?? long.MaxValue) : After(query.After ?? 0)).Take(query.Limit)];

    private IEnumerable<ConversationMessage> After(long position)
    {
        for (var i = IndexAfter(position); i < _messages.Count; i++)
            yield return _messages[i];
    }

    private IEnumerable<ConversationMessage> Before(long position)
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
