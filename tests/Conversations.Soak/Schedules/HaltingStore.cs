using Conversations.Storage;

namespace Conversations.Soak.Schedules;

/// <summary>A store as one process of a schedule uses it: while the process is paused it renews no lease, and after it crashed it writes nothing.</summary>
internal sealed class HaltingStore(IConversationStore inner) : DelegatingConversationStore(inner)
{
    // By the token of each lease that this process took.
    private readonly Dictionary<long, DateTimeOffset> _expiries = [];

    public bool IsPaused { get; set; }

    public bool HasCrashed { get; set; }

    public override ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(HasCrashed, this);
        return IsPaused && IsRenewal(batch)
            ? throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "The process is paused.")
            : WriteAsync(batch, cancellationToken);
    }

    /// <summary>Whether a batch is a renewal. A begin need not survive the machine either, but its lease is not known yet.</summary>
    private bool IsRenewal(ConversationBatch batch)
    {
        lock (_expiries)
            return batch is { Durability: WriteDurability.Process, Conversations: [{ Conversation.OpenRun: { } open }] } && _expiries.TryGetValue(open.Token, out var expiry) && expiry != open.LeaseExpiresAt;
    }

    private async ValueTask<bool> WriteAsync(ConversationBatch batch, CancellationToken cancellationToken)
    {
        var isWritten = await base.TryWriteAsync(batch, cancellationToken);
        lock (_expiries)
        {
            if (isWritten && batch is { Durability: WriteDurability.Process, Conversations: [{ Conversation.OpenRun: { } open }, ..] })
                _expiries[open.Token] = open.LeaseExpiresAt;
        }

        return isWritten;
    }
}
