namespace Conversations.Storage;

/// <summary>The idempotency keys of one scope, each with the run that has it [6]. Used under the gate of the scope.</summary>
internal sealed class KeyTable
{
    private readonly Dictionary<RequestKey, KeyedRun> _runs = [];

    public KeyedRun? Find(RequestKey key) => _runs.GetValueOrDefault(key);

    /// <summary>Determines whether each key belongs to at most one run after all writes [6.1].</summary>
    public bool AreFree(EntryWrite[] writes)
    {
        RequestKey? first = null;
        HashSet<RequestKey>? given = null;
        HashSet<(string, long)>? written = null;
        foreach (var write in writes)
        {
            foreach (var (key, number) in KeysOf(write))
            {
                // Most batches assign at most one key.
                if (first is null)
                    first = key;
                else if (!(given ??= [first]).Add(key))
                    return false;

                if (!_runs.TryGetValue(key, out var owner))
                    continue;

                written ??= Written(writes);
                var ownerId = owner.Conversation.Data.Conversation.Id;
                var isSame = owner.Number == number && string.Equals(ownerId, write.Target.Conversation.Id, StringComparison.Ordinal);
                if (!isSame && !written.Contains((ownerId, owner.Number)))
                    return false;
            }
        }

        return true;
    }

    /// <summary>Frees the keys of the runs that a write replaces. It is called for all writes before any is applied.</summary>
    public void FreeReplaced(ConversationEntry entry, EntryWrite write)
    {
        if (_runs.Count == 0)
            return;

        foreach (var run in write.Runs)
            Free(entry.FindRun(run.Run.Number)?.Run);
    }

    /// <summary>Assigns the keys of the runs that were written.</summary>
    public void Take(ConversationEntry entry, EntryWrite write)
    {
        foreach (var (key, number) in KeysOf(write))
            _runs[key] = new KeyedRun(entry, number);
    }

    /// <summary>Frees all keys of a conversation.</summary>
    public void Free(ConversationEntry entry)
    {
        Free(entry.Data.OpenRun?.Run);
        foreach (var run in entry.ClosedRuns.All)
            Free(run.Run);
    }

    private void Free(ConversationRun? run)
    {
        if (run is not null && RequestKey.Of(run) is { } key)
            _runs.Remove(key);
    }

    /// <summary>Returns the runs whose keys the writes decide.</summary>
    private static HashSet<(string, long)> Written(EntryWrite[] writes)
    {
        var written = new HashSet<(string, long)>();
        foreach (var write in writes)
        {
            foreach (var run in write.Runs)
                written.Add((write.Target.Conversation.Id, run.Run.Number));
        }

        return written;
    }

    private static IEnumerable<(RequestKey Key, long Number)> KeysOf(EntryWrite write) =>
        write.Target.OpenRun?.Run.IdempotencyKey is null && Array.TrueForAll(write.Runs, static run => run.Run.IdempotencyKey is null) ? [] : EachKeyOf(write);

    private static IEnumerable<(RequestKey Key, long Number)> EachKeyOf(EntryWrite write)
    {
        if (write.Target.OpenRun is { } open && RequestKey.Of(open.Run) is { } openKey)
            yield return (openKey, open.Run.Number);
        foreach (var run in write.Runs)
        {
            if (RequestKey.Of(run.Run) is { } key)
                yield return (key, run.Run.Number);
        }
    }
}

/// <summary>The run that has an idempotency key.</summary>
internal sealed record KeyedRun(ConversationEntry Conversation, long Number);
