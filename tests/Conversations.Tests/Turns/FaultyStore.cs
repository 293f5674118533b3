using Conversations.Storage;

namespace Conversations.Tests.Turns;

/// <summary>A store that fails when a test says so, and else does what the one beneath it does.</summary>
internal sealed class FaultyStore(IConversationStore inner) : DelegatingConversationStore(inner)
{
    /// <summary>Called before each commit with a way to carry it out; to fail, throw.</summary>
    public Func<Func<Task>, Task>? OnCommit { get; set; }

    /// <summary>Called before each renewal; to fail, throw.</summary>
    public Func<Task>? OnRenew { get; set; }

    /// <summary>Thrown by each reading of a run.</summary>
    public Exception? OnGetRun { get; set; }

    /// <summary>Thrown by each reading of a window.</summary>
    public Exception? OnReadWindow { get; set; }

    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (OnCommit is not null)
            await OnCommit(async () => await Inner.CommitTurnAsync(command, cancellationToken));
        return await Inner.CommitTurnAsync(command, cancellationToken);
    }

    public override async ValueTask<bool> RenewLeaseAsync(TurnLease lease, CancellationToken cancellationToken = default)
    {
        if (OnRenew is not null)
            await OnRenew().WaitAsync(cancellationToken);
        return await Inner.RenewLeaseAsync(lease, cancellationToken);
    }

    public override ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default) =>
        OnReadWindow is null ? Inner.ReadWindowAsync(query, cancellationToken) : throw OnReadWindow;

    public override ValueTask<ConversationRun?> GetRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        OnGetRun is null ? Inner.GetRunAsync(conversationId, number, access, cancellationToken) : throw OnGetRun;
}
