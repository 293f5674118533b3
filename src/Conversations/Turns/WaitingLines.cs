using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations;

/// <summary>The lines in which the turns of this process wait for a busy conversation: first come, first served.</summary>
/// <remarks>A line exists only while somebody stands in it, so a turn that finds its conversation free pays one look-up.</remarks>
internal sealed class WaitingLines
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, WaitingLine> _lines = new(StringComparer.Ordinal);

    // A turn by scope learns which conversation is its scope's current one when it is refused; those who come after it find the line by that.
    private readonly ConcurrentDictionary<string, WaitingLine> _byTarget = new(StringComparer.Ordinal);

    /// <summary>Takes the last place in the line of those who wait for a target, if there is a line.</summary>
    public WaitingPlace? TryJoin(string target)
    {
        if (_lines.IsEmpty)
            return null;

        lock (_gate)
        {
            return _lines.TryGetValue(target, out var line) || _byTarget.TryGetValue(target, out line)
                ? new WaitingPlace(this, line)
                : null;
        }
    }

    /// <summary>Takes the last place in the line for a conversation.</summary>
    public WaitingPlace Join(string conversationId, string target)
    {
        lock (_gate)
        {
            var line = _lines.GetOrAdd(conversationId, static id => new WaitingLine(id));
            if (_byTarget.TryAdd(target, line))
                line.Targets.Add(target);
            return new WaitingPlace(this, line);
        }
    }

    /// <summary>Tells the first in line that a turn of the conversation has ended.</summary>
    public void Released(string conversationId)
    {
        if (_lines.TryGetValue(conversationId, out var line))
            line.Pulse();
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

            _lines.TryRemove(line.ConversationId, out _);
            foreach (var target in line.Targets)
                _byTarget.TryRemove(target, out _);
        }
    }
}

/// <summary>Those of this process who wait for one conversation.</summary>
internal sealed class WaitingLine(string conversationId)
{
    private volatile TaskCompletionSource _released = New();

    public string ConversationId { get; } = conversationId;

    public List<string> Targets { get; } = [];

    public LinkedList<TaskCompletionSource> Places { get; } = [];

    /// <summary>What the first in line was told last, for those whose time runs out before they get there.</summary>
    public BeginTurnOutcome? LastRefusal { get; set; }

    /// <summary>Completes when a turn of this process ends. To miss none, take it before asking the store.</summary>
    public Task NextRelease => _released.Task;

    public void Pulse() => Interlocked.Exchange(ref _released, New()).SetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A place in a line, until it is disposed.</summary>
internal sealed class WaitingPlace : IDisposable
{
    private readonly WaitingLines _lines;
    private readonly LinkedListNode<TaskCompletionSource> _node;

    public WaitingPlace(WaitingLines lines, WaitingLine line)
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
