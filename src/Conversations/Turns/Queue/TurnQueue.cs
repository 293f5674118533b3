namespace Conversations;

/// <summary>The queues in which the turns of this process wait for busy conversations, in the order of arrival.</summary>
/// <remarks>A queue exists only while a turn waits in it, so a turn reads one number if no turn waits.</remarks>
/// <param name="longest">The maximum number of turns that wait for a conversation.</param>
internal sealed class TurnQueue(int longest)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, WaitingLine> _lines = new(StringComparer.Ordinal);

    // A turn by scope learns which conversation is the current one when it is refused. Turns that arrive later find the queue by the scope.
    private readonly Dictionary<string, WaitingLine> _bySession = new(StringComparer.Ordinal);

    private volatile int _count;

    /// <summary>Finds the conversation for which turns wait, by its id or by the session whose current conversation it is; null if there is no queue.</summary>
    public string? Find(string? conversationId, string? sessionId)
    {
        if (_count == 0)
            return null;

        lock (_gate)
        {
            if (conversationId is not null)
                return _lines.GetValueOrDefault(conversationId)?.ConversationId;
            return sessionId is null ? null : _bySession.GetValueOrDefault(sessionId)?.ConversationId;
        }
    }

    /// <summary>Returns the holder of a conversation when a turn in its queue last asked; null if no turn waits or none has asked.</summary>
    public TurnLocked? HolderOf(string conversationId)
    {
        lock (_gate)
            return _lines.GetValueOrDefault(conversationId)?.Holder;
    }

    /// <summary>Takes the last place in the queue for a conversation. If the conversation was found by its session, later turns find the queue by the session too.</summary>
    /// <returns>The place; null if the queue has as many as it may have.</returns>
    public WaitingPlace? Join(string conversationId, string? sessionId)
    {
        lock (_gate)
        {
            if (!_lines.TryGetValue(conversationId, out var line))
            {
                _lines.Add(conversationId, line = new WaitingLine(conversationId));
                _count = _lines.Count;
            }

            if (line.Places.Count >= longest)
                return null;
            if (sessionId is not null && _bySession.TryAdd(sessionId, line))
                line.Sessions.Add(sessionId);
            return new WaitingPlace(this, line);
        }
    }

    /// <summary>Signals the first turn in the queue that a turn of the conversation has ended.</summary>
    public void Released(string conversationId)
    {
        if (_count == 0)
            return;

        lock (_gate)
        {
            if (_lines.TryGetValue(conversationId, out var line))
                line.Pulse();
        }
    }

    public void Leave(WaitingLine line, LinkedListNode<TaskCompletionSource> node)
    {
        lock (_gate)
        {
            line.Places.Remove(node);
            if (line.Places.First is { } first)
            {
                first.Value.TrySetResult();
                return;
            }

            _lines.Remove(line.ConversationId);
            _count = _lines.Count;
            foreach (var session in line.Sessions)
                _bySession.Remove(session);
        }
    }
}

/// <summary>The turns of this process that wait for one conversation.</summary>
internal sealed class WaitingLine(string conversationId)
{
    private volatile TaskCompletionSource _released = New();

    public string ConversationId { get; } = conversationId;

    public List<string> Sessions { get; } = [];

    public LinkedList<TaskCompletionSource> Places { get; } = [];

    /// <summary>Gets the holder of the conversation when the first turn last asked, for turns whose deadline expires before they are first.</summary>
    public TurnLocked? Holder { get; set; }

    /// <summary>Gets a task that completes when a turn of this process ends. Read it before asking the store, so that no end is missed.</summary>
    public Task NextRelease => _released.Task;

    public void Pulse() => Interlocked.Exchange(ref _released, New()).SetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A place in a queue, until it is disposed.</summary>
internal sealed class WaitingPlace : IDisposable
{
    private readonly TurnQueue _lines;
    private readonly LinkedListNode<TaskCompletionSource> _node;

    public WaitingPlace(TurnQueue lines, WaitingLine line)
    {
        _lines = lines;
        Line = line;
        _node = line.Places.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (line.Places.Count == 1)
            _node.Value.SetResult();
    }

    public WaitingLine Line { get; }

    /// <summary>Gets a task that completes when all earlier turns have left the queue.</summary>
    public Task First => _node.Value.Task;

    public void Dispose() => _lines.Leave(Line, _node);
}
