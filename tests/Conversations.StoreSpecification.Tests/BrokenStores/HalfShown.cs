using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("shows the first half of an input while the rest is being written", "3.4", Races = [nameof(RaceSpecification<>.Reading_while_turns_begin_and_commit_finds_whole_writes)])]
public sealed class ShowsHalfAnInput(TimeProvider clock) : RewritingStore(clock)
{
    private readonly Gap _gap = new();
    private readonly ConcurrentDictionary<string, long> _shownBelow = new(StringComparer.Ordinal);

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var target = await TargetAsync(command);
        if (target is null || command.Input.Count < 2)
            return await base.BeginTurnAsync(command, cancellationToken);

        _shownBelow[target.Id] = target.LastPosition + 1 + (command.Input.Count / 2);
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        await _gap.PassAsync();
        _shownBelow.TryRemove(target.Id, out _);
        return outcome;
    }

    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default)
    {
        var below = _shownBelow.GetValueOrDefault(query.ConversationId, long.MaxValue);
        var read = await base.ReadMessagesAsync(query, cancellationToken);
        _gap.Come();
        return [.. read.Where(message => message.Position < below)];
    }
}

[Breaks("ends an interrupted run when its lease expired, not at the takeover", "4.3")]
public sealed class EndsRunsAtTheirExpiry(TimeProvider clock) : LeaseWatchingStore(clock)
{
    private readonly ConcurrentDictionary<long, DateTimeOffset> _ends = new();

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (await TargetAsync(command) is { } target && OpenLeaseOf(target.Id) is { } open && open.Expires <= Now)
            _ends[open.Lease.Fence] = open.Expires;
        return await base.BeginTurnAsync(command, cancellationToken);
    }

    protected override ConversationRun Shown(ConversationRun run) =>
        run.Status == RunStatus.Interrupted && _ends.TryGetValue(run.Number, out var end) ? run with { EndedAt = end } : run;
}

[Breaks("sets the time of the last message back when that is deleted", "2.4")]
public sealed class SetsTheLastTimeBack(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<Conversation?> GetConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        await base.GetConversationAsync(conversationId, access, cancellationToken) is { MessageCount: > 0 } found
            ? found with { LastMessageAt = (await AllMessagesAsync(conversationId))[^1].CreatedAt }
            : await base.GetConversationAsync(conversationId, access, cancellationToken);
}

[Breaks("forgets what a run cost that was not completed", "3.1")]
public sealed class ForgetsTheCostOfFailure(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run) => run.Status == RunStatus.Completed ? run : run with { Cost = null };
}

[Breaks("takes agents for the same that differ in case", "5.5")]
public sealed class IgnoresTheCaseOfAgents(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        command.ConversationId is { } id && await Inner.GetConversationAsync(id, command.Access, cancellationToken) is { } named
        && string.Equals(named.Agent, command.Agent, StringComparison.OrdinalIgnoreCase)
            ? await base.BeginTurnAsync(command with { Agent = named.Agent }, cancellationToken)
            : await base.BeginTurnAsync(command, cancellationToken);
}

[Breaks("opens data that another store has open, and sees nothing of what that does", "15.2")]
public sealed class OpensDataThatAreOpen : KeptFixture
{
    private int _opened;

    public override ValueTask<IConversationStore> OpenAsync(string name, TimeProvider timeProvider) =>
        base.OpenAsync(Interlocked.Increment(ref _opened) == 1 ? name : $"{name}-{_opened}", timeProvider);

    protected override IConversationStore Open(IConversationStore data) => new Right(data);

    private sealed class Right(IConversationStore data) : KeptStore(data);
}
