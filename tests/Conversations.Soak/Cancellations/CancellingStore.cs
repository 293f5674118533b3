using Conversations.Storage;

namespace Conversations.Soak.Cancellations;

/// <summary>A store whose calls each have a moment before and a moment after them at which the caller may be cancelled.</summary>
internal sealed class CancellingStore(IConversationStore inner) : DelegatingConversationStore(inner)
{
    public override ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default) =>
        PassAsync(() => base.LoadAsync(lookup, cancellationToken));

    public override ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default) =>
        PassAsync(() => base.TryWriteAsync(batch, cancellationToken));

    public override ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default) =>
        PassAsync(() => base.ReadMessagesAsync(range, cancellationToken));

    public override ValueTask<IReadOnlyList<StoredRun>> ReadRunsAsync(RunRange range, CancellationToken cancellationToken = default) =>
        PassAsync(() => base.ReadRunsAsync(range, cancellationToken));

    public override ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing listing, CancellationToken cancellationToken = default) =>
        PassAsync(() => base.ListConversationsAsync(listing, cancellationToken));

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
