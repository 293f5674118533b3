using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>A store that counts loads and writes, and refuses writes on request.</summary>
internal sealed class CountingStore(IConversationStore inner) : DelegatingConversationStore(inner)
{
    private int _loads;
    private int _writes;
    private int _refusals;

    public int Loads => _loads;

    public int Writes => _writes;

    public bool IsRefusing { get; set; }

    /// <summary>Refuses the next write.</summary>
    public void RefuseOnce() => Interlocked.Increment(ref _refusals);

    public override ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _loads);
        return base.LoadAsync(lookup, cancellationToken);
    }

    public override ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _writes);
        if (Volatile.Read(ref _refusals) > 0 && Interlocked.Decrement(ref _refusals) >= 0)
            return ValueTask.FromResult(false);
        return IsRefusing ? ValueTask.FromResult(false) : base.TryWriteAsync(batch, cancellationToken);
    }
}
