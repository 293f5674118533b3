namespace Conversations.Storage;

/// <summary>The writes that wait for the connection. The writer holds its lock around each call.</summary>
internal sealed class WriteQueues
{
    // Limit how long the first write of a group waits.
    private const int MostWrites = 128;
    private const long MostBytes = 4 * 1024 * 1024;

    // How often writes that need not wait for the disk can precede waiting writes that must.
    private const int MostPasses = 2;

    private readonly Queue<QueuedWrite> _quick = new();
    private readonly Queue<QueuedWrite> _durable = new();

    // Those whose common transaction has failed. Each runs in a transaction of its own, before all others.
    private readonly Queue<QueuedWrite> _alone = new();
    private Queue<QueuedWrite>? _next;
    private int _passes;

    /// <summary>Gets whether no write waits.</summary>
    public bool IsEmpty => _quick.Count == 0 && _durable.Count == 0 && _alone.Count == 0;

    /// <summary>Adds a write.</summary>
    public void Add(QueuedWrite write)
    {
        (write.Durability == SqliteDurability.Full ? _durable : _quick).Enqueue(write);
        write.Wait();
    }

    /// <summary>Puts writes back, each to run in a transaction of its own.</summary>
    public void AddAlone(List<QueuedWrite> writes)
    {
        foreach (var write in writes)
        {
            _alone.Enqueue(write);
            write.Wait();
        }
    }

    /// <summary>Chooses the writes that are next.</summary>
    /// <returns>Their durability; null if no write waits.</returns>
    public SqliteDurability? Choose()
    {
        var isQuick = _quick.Count > 0 && (_durable.Count == 0 || _passes < MostPasses);
        _next = _alone.Count > 0 ? _alone : isQuick ? _quick : _durable;
        return _next.TryPeek(out var first) ? first.Durability : null;
    }

    /// <summary>Takes the writes that were chosen and are not canceled.</summary>
    public void Take(List<QueuedWrite> group)
    {
        group.Clear();
        var most = _next == _alone ? 1 : MostWrites;
        var bytes = 0L;
        while (group.Count < most && bytes < MostBytes && _next!.TryDequeue(out var write))
        {
            if (!write.Take())
                continue;
            group.Add(write);
            bytes += write.Size;
        }

        _passes = _next == _quick && _durable.Count > 0 ? _passes + 1 : 0;
    }

    /// <summary>Removes the writes whose time is over or that were canceled.</summary>
    /// <param name="all">Whether the time of all is over, because the store is being disposed.</param>
    public void RemoveEnded(bool all)
    {
        foreach (var queue in (ReadOnlySpan<Queue<QueuedWrite>>)[_alone, _quick, _durable])
        {
            for (var rest = queue.Count; rest > 0; rest--)
            {
                var write = queue.Dequeue();
                if (write.GoesOnWaiting(all))
                    queue.Enqueue(write);
            }
        }
    }
}
