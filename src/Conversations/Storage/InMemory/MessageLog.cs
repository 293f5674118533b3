namespace Conversations.Storage;

/// <summary>The messages of one conversation: position n is at index n - 1, a deleted message leaves a hole. Used under the gate of the scope.</summary>
internal sealed class MessageLog
{
    // Enough for most windows, so that a window that tokens limit does not allocate as much as the conversation is long.
    private const int UsualWindow = 64;

    private readonly List<StoredMessage?> _messages = [];

    public long LastPosition => _messages.Count;

    public void Append(StoredMessage message)
    {
        while (_messages.Count < message.Position - 1)
            _messages.Add(null);
        _messages.Add(message.CreatedAt is { Offset.Ticks: not 0 } time ? message with { CreatedAt = time.ToUniversalTime() } : message);
    }

    /// <summary>Deletes a message, which leaves a hole.</summary>
    public void Delete(long position)
    {
        if (Find(position) is not null)
            _messages[(int)position - 1] = null;
    }

    public void Recount(long position, TokenAmount tokens)
    {
        if (Find(position) is { } message)
            _messages[(int)position - 1] = message with { Tokens = tokens };
    }

    public void Supersede(SupersededChange change)
    {
        for (var index = IndexAbove(change.From - 1); index < IndexAbove(change.Through); index++)
        {
            if (_messages[index] is { } message && message.SupersededBy == change.Expected)
                _messages[index] = message with { SupersededBy = change.Value };
        }
    }

    /// <summary>The newest messages for a model after a position, oldest first [5.1].</summary>
    public List<StoredMessage> Window(WindowSize size, long after)
    {
        var window = new List<StoredMessage>(Math.Min(size.Messages, UsualWindow));
        Read(window, newestFirst: true, IndexBelow(long.MaxValue), IndexAbove(after), currentOnly: true, skipErrors: true, role: null, size.Messages, size.Tokens);
        window.Reverse();
        return window;
    }

    public List<StoredMessage> Read(MessageRange range)
    {
        var page = new List<StoredMessage>(Math.Min(range.Limit, UsualWindow));
        var (oldest, newest) = (IndexAbove(range.After), IndexBelow(range.Before ?? long.MaxValue));
        Read(page, range.NewestFirst, newest, oldest, range.CurrentOnly, range.SkipErrors, range.Role, range.Limit, range.TokenLimit);
        return page;
    }

    private void Read(List<StoredMessage> page, bool newestFirst, int newest, int oldest, bool currentOnly, bool skipErrors, MessageRole? role, int limit, TokenAmount? tokenLimit)
    {
        var tokens = 0L;
        var step = newestFirst ? -1 : 1;
        for (var index = newestFirst ? newest : oldest; index >= oldest && index <= newest && page.Count < limit; index += step)
        {
            if (_messages[index] is not { } message || (currentOnly && message.IsSuperseded) || (skipErrors && message.Kind == MessageKind.Error) || (role ?? message.Role) != message.Role)
                continue;

            if (tokenLimit is { } most && message.Tokens is { } counted && string.Equals(counted.Counter, most.Counter, StringComparison.Ordinal))
            {
                if (counted.Count > most.Count)
                {
                    page.Add(MessageContent.WithoutContent(message));
                    continue;
                }

                if ((tokens += counted.Count) > most.Count)
                    break;
            }

            page.Add(message);
        }
    }

    private StoredMessage? Find(long position) => position >= 1 && position <= _messages.Count ? _messages[(int)position - 1] : null;

    private int IndexBelow(long position) => (int)Math.Clamp(position - 1, 0, _messages.Count) - 1;

    private int IndexAbove(long position) => (int)Math.Clamp(position, 0, _messages.Count);
}
