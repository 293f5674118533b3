using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("shows runs as they were closed, superseded or not", "19.5")]
public sealed class ShowsRunsAsTheyWereClosed(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run) =>
        run.SupersededBy is null ? run : run with { Status = RunStatus.Completed, SupersededBy = null };
}

[Breaks("forgets what a run used and cost when it is superseded", "19.5")]
public sealed class ForgetsWhatASupersededRunCost(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run) => run.SupersededBy is null ? run : run with { Usage = null, Cost = null };
}

[Breaks("does not say what a superseded run was before", "19.5")]
public sealed class ForgetsWhatASupersededRunWas(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run) => run with { Outcome = run.Status };
}

/// <summary>A right store that can look at the messages of a run when it shows it.</summary>
public abstract class RunWatchingStore(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<ConversationRun?> GetRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        await base.GetRunAsync(conversationId, number, access, cancellationToken) is { } run
            ? Shown(run, [.. (await AllMessagesAsync(conversationId)).Where(message => message.RunNumber == number)])
            : null;

    protected abstract ConversationRun Shown(ConversationRun run, IReadOnlyList<ConversationMessage> messages);
}

[Breaks("takes a run that superseded messages of its own for superseded", "19.5", "19.4")]
public sealed class TakesARunForSupersededByItself(TimeProvider clock) : RunWatchingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run, IReadOnlyList<ConversationMessage> messages) =>
        messages.Any(message => message.SupersededBy == run.Number) ? run with { Status = RunStatus.Superseded, SupersededBy = run.Number } : run;
}

[Breaks("takes a run for restored with the first of its answers", "19.5")]
public sealed class RestoresARunWithItsFirstAnswer(TimeProvider clock) : RunWatchingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run, IReadOnlyList<ConversationMessage> messages) =>
        run.SupersededBy is not null && messages.Any(message => message.Position >= run.OutputPosition && !message.IsSuperseded)
            ? run with { Status = RunStatus.Completed, SupersededBy = null }
            : run;
}

[Breaks("takes a run for restored when what was superseded of it is deleted", "19.5", "13.2")]
public sealed class RestoresARunWithADeletion(TimeProvider clock) : RunWatchingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run, IReadOnlyList<ConversationMessage> messages) =>
        run.SupersededBy is not null && messages.All(message => !message.IsSuperseded) ? run with { Status = RunStatus.Completed, SupersededBy = null } : run;
}

[Breaks("supersedes runs, but not those that failed", "19.5")]
public sealed class SupersedesNoFailedRun(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<long, bool> _failed = [];

    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (command.Status == RunStatus.Failed)
            _failed[command.Lease.Fence] = true;
        return base.CommitTurnAsync(command, cancellationToken);
    }

    protected override ConversationRun Shown(ConversationRun run) =>
        _failed.ContainsKey(run.Number) && run.SupersededBy is not null ? run with { Status = RunStatus.Failed, SupersededBy = null } : run;
}

[Breaks("answers a request anew whose run was completed, and superseded since", "6.3", "19.5")]
public sealed class AnswersAnewWhatWasSuperseded(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        await base.BeginTurnAsync(command, cancellationToken) is var outcome && outcome is TurnCompletedBefore { Run.Status: RunStatus.Superseded }
            ? await base.BeginTurnAsync(command with { IdempotencyKey = null }, cancellationToken)
            : outcome;
}

[Breaks("takes a run that failed for completed once it is superseded", "6.5", "19.5")]
public sealed class TakesSupersededForCompleted(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<(string, string), TurnLease> _runs = [];

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (command.IdempotencyKey is not { } key)
            return await base.BeginTurnAsync(command, cancellationToken);
        if (_runs.TryGetValue((command.Caller, key), out var lease)
            && await GetRunAsync(lease.ConversationId, lease.Fence, Host, cancellationToken) is { Status: RunStatus.Superseded } run)
        {
            return new TurnCompletedBefore(run);
        }

        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is TurnBegun begun)
            _runs[(command.Caller, key)] = begun.Lease;
        return outcome;
    }
}
