using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("writes the first half of a commit only", "3.1")]
public sealed class WritesHalfACommit(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        base.CommitTurnAsync(command with { Messages = [.. command.Messages.Take((command.Messages.Count + 1) / 2)] }, cancellationToken);
}

[Breaks("appends the messages of a commit first, then finds that the lease is not held and refuses", "4.4")]
public sealed class AppendsThenRefuses(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (await base.CommitTurnAsync(command, cancellationToken))
            return true;

        await AppendAsync(command.Lease.ConversationId, command.Messages);
        return false;
    }
}

[Breaks("writes the title of a turn that it refuses", "4.2")]
public sealed class WritesTheTitleOfARefusedTurn(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is TurnLocked locked)
            await Inner.UpdateConversationAsync(locked.ConversationId, Host, new ConversationChange { Title = command.Title }, cancellationToken);
        return outcome;
    }
}

[Breaks("saves the input of a request anew though it was completed before", "3.1", "6.3")]
public sealed class SavesTheInputOfACompletedRequest(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is TurnCompletedBefore && await Inner.BeginTurnAsync(command with { IdempotencyKey = null }, cancellationToken) is TurnBegun begun)
            await Inner.CommitTurnAsync(new CommitTurnCommand { Lease = begun.Lease, Status = RunStatus.Cancelled }, cancellationToken);
        return outcome;
    }
}

[Breaks("writes the title of a change and forgets its status", "3.1")]
public sealed class ChangesTheTitleOrTheStatus(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default) =>
        base.UpdateConversationAsync(conversationId, access, change.Title is null ? change : change with { Status = null }, cancellationToken);
}

[Breaks("clears a title that a change does not name", "3.1")]
public sealed class ClearsWhatAChangeDoesNotName(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default) =>
        base.UpdateConversationAsync(conversationId, access, change with { Title = change.Title ?? "" }, cancellationToken);
}

[Breaks("loses the messages that a conversation is created with", "3.1", "2.1")]
public sealed class CreatesWithoutMessages(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default) =>
        base.CreateConversationAsync(command with { Messages = [] }, cancellationToken);
}

[Breaks("takes now for the time at which a conversation began, whatever was given", "3.1", "9.2")]
public sealed class IgnoresTheTimeOfCreation(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default) =>
        base.CreateConversationAsync(command with { CreatedAt = null }, cancellationToken);
}

[Breaks("loses the usage of a run", "3.1")]
public sealed class LosesUsage(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run) => run with { Usage = null };
}

[Breaks("loses what the prompts of a run cost", "3.1", "4.6")]
public sealed class LosesPromptTokens(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run) => run with { PromptTokens = null, HistoryTokens = null };
}

[Breaks("takes history that cost nothing for history that was not counted", "3.1", "4.6")]
public sealed class TakesNoHistoryForUncounted(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run) => run with { HistoryTokens = run.HistoryTokens == 0 ? null : run.HistoryTokens };
}

[Breaks("loses the cached tokens of a run", "3.1")]
public sealed class LosesCachedTokens(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run) => run with { Usage = run.Usage is { } usage ? usage with { CachedInputTokens = 0 } : null };
}

[Breaks("takes every run that was committed for completed", "3.1")]
public sealed class TakesEveryCommitForSuccess(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        base.CommitTurnAsync(command with { Status = RunStatus.Completed }, cancellationToken);
}

[Breaks("does not say where the output of a run stands", "3.1")]
public sealed class LosesTheOutputOfARun(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run) => run with { OutputPosition = 0, OutputCount = 0 };
}

[Breaks("writes the empty text for a caller without identity", "3.1")]
public sealed class NamesACallerWithoutIdentity(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run) => run with { Caller = run.Caller ?? "" };
}
