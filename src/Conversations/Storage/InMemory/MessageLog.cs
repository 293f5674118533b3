namespace Conversations.Storage;

/// <summary>The messages of one conversation: position n stands at index n - 1, a deleted one leaves a hole. Used under the scope's gate.</summary>
internal sealed class MessageLog
{
    // Room for most windows, so that one that tokens limit does not ask for as much as the conversation is long.
    private const int UsualWindow = 64;

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

    /// <summary>Gives a message another token count; where nothing stands, nothing happens (rule 4.8).</summary>
    public void Recount(long position, TokenAmount tokens)
    {
        if (position >= 1 && position <= _messages.Count && _messages[(int)position - 1] is { } message)
            _messages[(int)position - 1] = message with { Tokens = tokens };
    }

    /// <summary>How many messages stand after a position, up to another and including it.</summary>
    public int Count(long after, long through) =>
        _messages.Skip(IndexAbove(after)).Take(IndexAbove(through) - IndexAbove(after)).Count(message => message is not null);

    public List<ConversationMessage> Window(WindowQuery query)
    {
        var window = new List<ConversationMessage>(Math.Min(query.Limit, UsualWindow));
        var oldest = IndexAbove(query.After);
        var tokens = 0L;
        for (var index = IndexBelow(query.Before); index >= oldest && window.Count < query.Limit; index--)
        {
            if (_messages[index] is not { Kind: not MessageKind.Error } message)
                continue;

            tokens += message.Tokens is { } counted && string.Equals(counted.Counter, query.TokenLimit?.Counter, StringComparison.Ordinal) ? counted.Count : 0;
            if (tokens > query.TokenLimit?.Count)
                break;
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
