using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("keeps why a model stopped for completed runs alone", "4.6")]
public sealed class KeepsFinishReasonsOfCompletedRuns(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        base.CommitTurnAsync(command.Status == RunStatus.Completed ? command : command with { FinishReason = null }, cancellationToken);
}

[Breaks("cuts why a model stopped", "4.6")]
public sealed class CutsFinishReasons(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        base.CommitTurnAsync(command with { FinishReason = command.FinishReason is { Length: > 255 } reason ? reason[..255] : command.FinishReason }, cancellationToken);
}

[Breaks("lists runs without why a model stopped", "8.6")]
public sealed class ListsRunsWithoutFinishReasons(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationRun>> ListRunsAsync(RunListing query, CancellationToken cancellationToken = default) =>
        [.. (await base.ListRunsAsync(query, cancellationToken)).Select(run => run with { FinishReason = null })];
}

[Breaks("gives the run of a completed request without why its model stopped", "6.3")]
public sealed class ReplaysRunsWithoutFinishReasons(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome) =>
        outcome is TurnCompletedBefore { Run: var run } ? new TurnCompletedBefore(run with { FinishReason = null }) : outcome;
}

[Breaks("forgets why the model of a superseded run stopped", "19.5")]
public sealed class SupersedesFinishReasons(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run) => run.SupersededBy is null ? run : run with { FinishReason = null };
}

[Breaks("knows why a model stopped until it is closed", "3.2")]
public sealed class ForgetsFinishReasonsWhenClosed : KeptFixture
{
    protected override IConversationStore Open(IConversationStore data) => new Forgetful(data);

    private sealed class Forgetful(IConversationStore data) : KeptStore(data)
    {
        private readonly HashSet<long> _committed = [];

        public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
        {
            _committed.Add(command.Lease.Fence);
            return base.CommitTurnAsync(command, cancellationToken);
        }

        public override async ValueTask<ConversationRun?> GetRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
            await base.GetRunAsync(conversationId, number, access, cancellationToken) is { } run
                ? _committed.Contains(number) ? run : run with { FinishReason = null }
                : null;
    }
}
