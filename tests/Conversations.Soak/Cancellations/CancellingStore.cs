using Conversations.Storage;

namespace Conversations.Soak.Cancellations;

/// <summary>A store whose every call has a moment before it and one after it, at which the caller may be cancelled.</summary>
internal sealed class CancellingStore(IConversationStore inner) : DelegatingConversationStore(inner)
{
    public override ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        PassAsync(() => base.BeginTurnAsync(command, cancellationToken));

    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        PassAsync(() => base.CommitTurnAsync(command, cancellationToken));

    public override ValueTask<bool> RenewLeaseAsync(TurnLease lease, CancellationToken cancellationToken = default) =>
        PassAsync(() => base.RenewLeaseAsync(lease, cancellationToken));

    public override ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default) =>
        PassAsync(() => base.ReadWindowAsync(query, cancellationToken));

    public override ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
        PassAsync(() => base.ReadMessagesAsync(query, cancellationToken));

    public override ValueTask<Conversation?> GetConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        PassAsync(() => base.GetConversationAsync(conversationId, access, cancellationToken));

    public override ValueTask<Conversation?> GetCurrentAsync(ConversationScope scope, CancellationToken cancellationToken = default) =>
        PassAsync(() => base.GetCurrentAsync(scope, cancellationToken));

    public override ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) =>
        PassAsync(() => base.ListConversationsAsync(query, cancellationToken));

    public override ValueTask<ConversationRun?> GetRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        PassAsync(() => base.GetRunAsync(conversationId, number, access, cancellationToken));

    public override ValueTask<IReadOnlyList<ConversationRun>> ListRunsAsync(RunListing query, CancellationToken cancellationToken = default) =>
        PassAsync(() => base.ListRunsAsync(query, cancellationToken));

    public override ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default) =>
        PassAsync(() => base.CreateConversationAsync(command, cancellationToken));

    public override ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        PassAsync(() => base.DeleteConversationAsync(conversationId, access, cancellationToken));

    private static async ValueTask<T> PassAsync<T>(Func<ValueTask<T>> call)
    {
        CancellationPoint.Pass();
        var answer = await call();
        CancellationPoint.Pass();
        return answer;
    }
}
