using Conversations.Storage;

namespace Conversations.Soak.Tests;

/// <summary>Now and then acknowledges a commit that it does not make.</summary>
internal sealed class DropsCommits(IConversationStore inner) : DelegatingConversationStore(inner)
{
    private int _commits;

    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        Interlocked.Increment(ref _commits) % 3 == 0 ? ValueTask.FromResult(true) : base.CommitTurnAsync(command, cancellationToken);
}

/// <summary>Writes the messages of a commit twice.</summary>
internal sealed class DoublesCommits(IConversationStore inner) : DelegatingConversationStore(inner)
{
    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        base.CommitTurnAsync(command with { Messages = [.. command.Messages, .. command.Messages] }, cancellationToken);
}

/// <summary>Writes a commit but for its last message.</summary>
internal sealed class TearsCommits(IConversationStore inner) : DelegatingConversationStore(inner)
{
    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        base.CommitTurnAsync(command.Messages.Count > 1 ? command with { Messages = [.. command.Messages.SkipLast(1)] } : command, cancellationToken);
}

/// <summary>Says of every commit that it was made, whoever holds the lease.</summary>
internal sealed class IgnoresFences(IConversationStore inner) : DelegatingConversationStore(inner)
{
    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        await base.CommitTurnAsync(command, cancellationToken);
        return true;
    }
}

/// <summary>Shows every conversation of the project to everybody.</summary>
internal sealed class ShowsOthers(IConversationStore inner) : DelegatingConversationStore(inner)
{
    public override ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) =>
        base.ListConversationsAsync(query with { Access = query.Access with { Audiences = null } }, cancellationToken);
}

/// <summary>Forgets that it knows a request, and has it answered anew.</summary>
internal sealed class ForgetsKeys(IConversationStore inner) : DelegatingConversationStore(inner)
{
    public override ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        base.BeginTurnAsync(command with { IdempotencyKey = null, Fingerprint = null }, cancellationToken);
}

/// <summary>Writes what was cancelled all the same.</summary>
internal sealed class WritesWhatWasCancelled(IConversationStore inner) : DelegatingConversationStore(inner)
{
    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        base.CommitTurnAsync(command.Status == RunStatus.Cancelled ? command with { Status = RunStatus.Completed } : command, cancellationToken);
}
