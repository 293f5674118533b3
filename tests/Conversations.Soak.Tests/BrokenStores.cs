using Conversations.Storage;

namespace Conversations.Soak.Tests;

/// <summary>A store that does something to commits: writes that close a run.</summary>
internal abstract class CommitStore(IConversationStore inner) : DelegatingConversationStore(inner)
{
    public sealed override ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default) =>
        batch.Conversations is [{ Runs.Count: > 0, Conversation.OpenRun: null } write] ? CommitAsync(batch, write, cancellationToken) : base.TryWriteAsync(batch, cancellationToken);

    protected abstract ValueTask<bool> CommitAsync(ConversationBatch batch, ConversationWrite write, CancellationToken cancellationToken);

    protected ValueTask<bool> WriteAsync(ConversationBatch batch, ConversationWrite write, CancellationToken cancellationToken) =>
        base.TryWriteAsync(batch with { Conversations = [write] }, cancellationToken);
}

/// <summary>Reports every third commit as written and does not write it.</summary>
internal sealed class DropsCommits(IConversationStore inner) : CommitStore(inner)
{
    private int _commits;

    protected override ValueTask<bool> CommitAsync(ConversationBatch batch, ConversationWrite write, CancellationToken cancellationToken) =>
        Interlocked.Increment(ref _commits) % 3 == 0 ? ValueTask.FromResult(true) : WriteAsync(batch, write, cancellationToken);
}

/// <summary>Writes the messages of a commit twice.</summary>
internal sealed class DoublesCommits(IConversationStore inner) : CommitStore(inner)
{
    protected override ValueTask<bool> CommitAsync(ConversationBatch batch, ConversationWrite write, CancellationToken cancellationToken)
    {
        var (added, conversation) = (write.Messages.Count, write.Conversation.Conversation);
        return WriteAsync(
            batch,
            write with
            {
                Conversation = write.Conversation with { Conversation = conversation with { MessageCount = conversation.MessageCount + added, LastPosition = conversation.LastPosition + added } },
                Messages = [.. write.Messages, .. write.Messages.Select(message => message with { Position = message.Position + added })],
            },
            cancellationToken);
    }
}

/// <summary>Writes a commit without its last message.</summary>
internal sealed class TearsCommits(IConversationStore inner) : CommitStore(inner)
{
    protected override ValueTask<bool> CommitAsync(ConversationBatch batch, ConversationWrite write, CancellationToken cancellationToken) =>
        WriteAsync(batch, write.Messages.Count > 1 ? write with { Messages = [.. write.Messages.SkipLast(1)] } : write, cancellationToken);
}

/// <summary>Reports every commit as written, regardless of the holder of the lease.</summary>
internal sealed class IgnoresVersions(IConversationStore inner) : CommitStore(inner)
{
    protected override async ValueTask<bool> CommitAsync(ConversationBatch batch, ConversationWrite write, CancellationToken cancellationToken)
    {
        await WriteAsync(batch, write, cancellationToken);
        return true;
    }
}

/// <summary>Lists every conversation of the project for each caller.</summary>
internal sealed class ShowsOthers(IConversationStore inner) : DelegatingConversationStore(inner)
{
    public override ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing listing, CancellationToken cancellationToken = default) =>
        base.ListConversationsAsync(listing with { Access = listing.Access with { Audiences = null } }, cancellationToken);
}

/// <summary>Stores no idempotency key.</summary>
internal sealed class ForgetsKeys(IConversationStore inner) : DelegatingConversationStore(inner)
{
    public override ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default) =>
        base.TryWriteAsync(batch with { Conversations = [.. batch.Conversations.Select(Forget)] }, cancellationToken);

    private static ConversationWrite Forget(ConversationWrite write) => write with
    {
        Conversation = write.Conversation.OpenRun is { } open ? write.Conversation with { OpenRun = open with { Run = open.Run with { IdempotencyKey = null } } } : write.Conversation,
        Runs = [.. write.Runs.Select(run => run with { Run = run.Run with { IdempotencyKey = null } })],
    };
}

/// <summary>Writes cancelled runs as completed.</summary>
internal sealed class CompletesCancelledRuns(IConversationStore inner) : CommitStore(inner)
{
    protected override ValueTask<bool> CommitAsync(ConversationBatch batch, ConversationWrite write, CancellationToken cancellationToken) => WriteAsync(
        batch,
        write with { Runs = [.. write.Runs.Select(run => run.Run.Status == RunStatus.Cancelled ? run with { Run = run.Run with { Status = RunStatus.Completed } } : run)] },
        cancellationToken);
}
