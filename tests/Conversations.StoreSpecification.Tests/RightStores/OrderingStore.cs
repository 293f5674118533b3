using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.RightStores;

/// <summary>A right store that has its own way to let a write wait for others.</summary>
/// <remarks>The kit must find nothing wrong with it, and must not wait for it for ever.</remarks>
public abstract class OrderingStore(IConversationStore inner) : DelegatingConversationStore(inner)
{
    public override ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        WriteAsync(command.StartNew ? command.NewConversationId : command.ConversationId ?? command.Scope!.SessionId, () => base.BeginTurnAsync(command, CancellationToken.None), cancellationToken);

    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        WriteAsync(command.Lease.ConversationId, () => base.CommitTurnAsync(command, CancellationToken.None), cancellationToken);

    public override ValueTask<bool> RenewLeaseAsync(TurnLease lease, CancellationToken cancellationToken = default) =>
        WriteAsync(lease.ConversationId, () => base.RenewLeaseAsync(lease, CancellationToken.None), cancellationToken);

    public override ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default) =>
        WriteAsync(command.ConversationId, () => base.CreateConversationAsync(command, CancellationToken.None), cancellationToken);

    public override ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default) =>
        WriteAsync(conversationId, () => base.UpdateConversationAsync(conversationId, access, change, CancellationToken.None), cancellationToken);

    public override ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        WriteAsync(conversationId, () => base.DeleteConversationAsync(conversationId, access, CancellationToken.None), cancellationToken);

    public override ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default) =>
        WriteAsync(conversationId, () => base.DeleteMessageAsync(conversationId, position, access, CancellationToken.None), cancellationToken);

    /// <summary>Does a write when it is its turn. The token counts until then.</summary>
    /// <param name="row">What the write is about: those about the same must not get in each other's way.</param>
    /// <param name="write">The write.</param>
    /// <param name="cancellationToken">The token.</param>
    protected abstract ValueTask<T> WriteAsync<T>(string row, Func<ValueTask<T>> write, CancellationToken cancellationToken);
}
