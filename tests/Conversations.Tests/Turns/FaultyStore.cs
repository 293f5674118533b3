using Conversations.Storage;
using Conversations.Tests.Storage;

namespace Conversations.Tests.Turns;

/// <summary>A store that fails when a test requests it, and otherwise forwards to the inner store.</summary>
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

    public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        if (OnCommit is not null && batch.IsCommit())
            await OnCommit(async () => await Inner.TryWriteAsync(batch, cancellationToken));
        if (OnRenew is not null && batch.IsRenewal())
            await OnRenew().WaitAsync(cancellationToken);
        return await Inner.TryWriteAsync(batch, cancellationToken);
    }

    public override ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default) =>
        OnReadWindow is null || !range.SkipErrors ? Inner.ReadMessagesAsync(range, cancellationToken) : throw OnReadWindow;

    public override ValueTask<IReadOnlyList<StoredRun>> ReadRunsAsync(RunRange range, CancellationToken cancellationToken = default) =>
        OnGetRun is null ? Inner.ReadRunsAsync(range, cancellationToken) : throw OnGetRun;
}
