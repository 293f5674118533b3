using Conversations.Storage;

namespace Conversations;

/// <summary>The lines in which the turns of this process wait for a busy conversation: first come, first served.</summary>
/// <remarks>A line exists only while somebody stands in it, so that where nobody waits a turn reads one number.</remarks>
internal sealed class TurnQueue
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, WaitingLine> _lines = new(StringComparer.Ordinal);

    // A turn by scope learns which conversation is its scope's current one when it is refused; those who come after it find the line by that.
    private readonly Dictionary<string, WaitingLine> _bySession = new(StringComparer.Ordinal);

    private volatile int _count;

    /// <summary>The conversation in whose line those stand who wait for it by its id, or for the current one of a session; null if there is no line.</summary>
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

    /// <summary>Takes the last place in the line for a conversation, and if it was found by its session, lets others find it by that.</summary>
    public WaitingPlace Join(string conversationId, string? sessionId)
    {
        lock (_gate)
        {
            if (!_lines.TryGetValue(conversationId, out var line))
            {
                _lines.Add(conversationId, line = new WaitingLine(conversationId));
                _count = _lines.Count;
            }

            if (sessionId is not null && _bySession.TryAdd(sessionId, line))
                line.Sessions.Add(sessionId);
            return new WaitingPlace(this, line);
        }
    }

    /// <summary>Tells the first in line that a turn of the conversation has ended.</summary>
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

/// <summary>Those of this process who wait for one conversation.</summary>
internal sealed class WaitingLine(string conversationId)
{
    private volatile TaskCompletionSource _released = New();

    public string ConversationId { get; } = conversationId;

    public List<string> Sessions { get; } = [];

    public LinkedList<TaskCompletionSource> Places { get; } = [];

    /// <summary>Who held the conversation when the first in line last asked, for those whose time runs out before they get there.</summary>
    public TurnLocked? Holder { get; set; }

    /// <summary>Completes when a turn of this process ends. To miss none, take it before asking the store.</summary>
    public Task NextRelease => _released.Task;

    public void Pulse() => Interlocked.Exchange(ref _released, New()).SetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A place in a line, until it is disposed.</summary>
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

    /// <summary>Completes when all who came earlier have left.</summary>
    public Task First => _node.Value.Task;

    public void Dispose() => _lines.Leave(Line, _node);
}
