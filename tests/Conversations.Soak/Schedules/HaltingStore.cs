using Conversations.Storage;

namespace Conversations.Soak.Schedules;

/// <summary>What a process of a schedule sees of the store: while it is paused it renews no lease, and once it has crashed nothing it does comes to anything.</summary>
internal sealed class HaltingStore(IConversationStore inner) : DelegatingConversationStore(inner)
{
    public bool IsPaused { get; set; }

    public bool HasCrashed { get; set; }

    public override ValueTask<bool> RenewLeaseAsync(TurnLease lease, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(HasCrashed, this);
        return IsPaused
            ? throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "The process is paused.")
            : base.RenewLeaseAsync(lease, cancellationToken);
    }

    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(HasCrashed, this);
        return base.CommitTurnAsync(command, cancellationToken);
    }
}
