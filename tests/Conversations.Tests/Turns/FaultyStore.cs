using Conversations.Storage;

namespace Conversations.Tests.Turns;

/// <summary>A store that fails when a test says so, and else does what the one beneath it does.</summary>
internal sealed class FaultyStore(IConversationStore inner) : IConversationStore
{
    /// <summary>Called before each commit with a way to carry it out; to fail, throw.</summary>
    public Func<Func<Task>, Task>? OnCommit { get; set; }

    /// <summary>Called before each renewal; to fail, throw.</summary>
    public Func<Task>? OnRenew { get; set; }

    /// <summary>Thrown by each reading of a run.</summary>
    public Exception? OnGetRun { get; set; }

    /// <summary>Thrown by each reading of a window.</summary>
    public Exception? OnReadWindow { get; set; }

    public ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        inner.BeginTurnAsync(command, cancellationToken);

    public async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (OnCommit is not null)
            await OnCommit(async () => await inner.CommitTurnAsync(command, cancellationToken));
        return await inner.CommitTurnAsync(command, cancellationToken);
    }

    public async ValueTask<bool> RenewLeaseAsync(TurnLease lease, CancellationToken cancellationToken = default)
    {
        if (OnRenew is not null)
            await OnRenew();
        return await inner.RenewLeaseAsync(lease, cancellationToken);
    }

    public ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default) =>
        OnReadWindow is null ? inner.ReadWindowAsync(query, cancellationToken) : throw OnReadWindow;

    public ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
        inner.ReadMessagesAsync(query, cancellationToken);

    public ValueTask<Conversation?> GetConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        inner.GetConversationAsync(conversationId, access, cancellationToken);

    public ValueTask<Conversation?> GetCurrentAsync(ConversationScope scope, CancellationToken cancellationToken = default) =>
        inner.GetCurrentAsync(scope, cancellationToken);

    public ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) =>
        inner.ListConversationsAsync(query, cancellationToken);

    public ValueTask<ConversationRun?> GetRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        OnGetRun is null ? inner.GetRunAsync(conversationId, number, access, cancellationToken) : throw OnGetRun;

    public ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default) =>
        inner.CreateConversationAsync(command, cancellationToken);

    public ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default) =>
        inner.UpdateConversationAsync(conversationId, access, change, cancellationToken);

    public ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        inner.DeleteConversationAsync(conversationId, access, cancellationToken);

    public ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default) =>
        inner.DeleteMessageAsync(conversationId, position, access, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    public void Dispose() => inner.Dispose();
}
