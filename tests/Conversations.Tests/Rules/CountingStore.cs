using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>A store that counts loads, writes, reads and what they return, and refuses writes on request.</summary>
internal sealed class CountingStore(IConversationStore inner) : DelegatingConversationStore(inner)
{
    private int _loads;
    private int _writes;
    private int _reads;
    private int _read;
    private int _refusals;

    public int Loads => _loads;

    public int Writes => _writes;

    /// <summary>The reads of messages and runs.</summary>
    public int Reads => _reads;

    /// <summary>The messages and runs that these reads returned.</summary>
    public int Read => _read;

    public bool IsRefusing { get; set; }

    /// <summary>Refuses the next write.</summary>
    public void RefuseOnce() => Interlocked.Increment(ref _refusals);

    public override ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _loads);
        return base.LoadAsync(lookup, cancellationToken);
    }

    public override ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default) =>
        CountAsync(base.ReadMessagesAsync(range, cancellationToken));

    public override ValueTask<IReadOnlyList<StoredRun>> ReadRunsAsync(RunRange range, CancellationToken cancellationToken = default) =>
        CountAsync(base.ReadRunsAsync(range, cancellationToken));

    public override ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _writes);
        if (Volatile.Read(ref _refusals) > 0 && Interlocked.Decrement(ref _refusals) >= 0)
            return ValueTask.FromResult(false);
        return IsRefusing ? ValueTask.FromResult(false) : base.TryWriteAsync(batch, cancellationToken);
    }

    private async ValueTask<IReadOnlyList<T>> CountAsync<T>(ValueTask<IReadOnlyList<T>> read)
    {
        var items = await read;
        Interlocked.Increment(ref _reads);
        Interlocked.Add(ref _read, items.Count);
        return items;
    }
}
