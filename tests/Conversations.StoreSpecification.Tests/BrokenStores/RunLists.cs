using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("lists the oldest runs first", "8.6")]
public sealed class ListsTheOldestRunsFirst(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationRun>> ListRunsAsync(RunListing query, CancellationToken cancellationToken = default) =>
        [.. (await base.ListRunsAsync(query, cancellationToken)).Reverse()];
}

[Breaks("lists runs, but not those that were superseded", "8.6")]
public sealed class ListsNoSupersededRun(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationRun>> ListRunsAsync(RunListing query, CancellationToken cancellationToken = default) =>
        [.. (await base.ListRunsAsync(query, cancellationToken)).Where(run => run.SupersededBy is null)];
}

[Breaks("begins a page of runs at the run that it comes after", "8.6")]
public sealed class RepeatsTheLastRun(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<IReadOnlyList<ConversationRun>> ListRunsAsync(RunListing query, CancellationToken cancellationToken = default) =>
        base.ListRunsAsync(query.Before is { } before and < long.MaxValue ? query with { Before = before + 1 } : query, cancellationToken);
}

[Breaks("knows no page of runs below a number that is no run of the conversation", "8.6")]
public sealed class EndsAListAtARunThatIsNotThere(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationRun>> ListRunsAsync(RunListing query, CancellationToken cancellationToken = default) =>
        query.Before is { } before && await Inner.GetRunAsync(query.ConversationId, before, Host, cancellationToken) is null
            ? []
            : await base.ListRunsAsync(query, cancellationToken);
}

[Breaks("lists a run less than a page may hold", "8.6")]
public sealed class ListsARunTooFew(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationRun>> ListRunsAsync(RunListing query, CancellationToken cancellationToken = default) =>
        [.. (await base.ListRunsAsync(query, cancellationToken)).Take(query.Limit - 1)];
}

[Breaks("lists the runs of whatever conversation it saw last where there are none", "8.6")]
public sealed class ListsRunsOfAnotherConversation(TimeProvider clock) : RewritingStore(clock)
{
    private volatile string _last = "";

    public override async ValueTask<IReadOnlyList<ConversationRun>> ListRunsAsync(RunListing query, CancellationToken cancellationToken = default) =>
        await base.ListRunsAsync(query, cancellationToken) is { Count: > 0 } runs ? runs
            : await base.ListRunsAsync(query with { ConversationId = _last }, cancellationToken);

    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome)
    {
        if (outcome is TurnBegun begun)
            _last = begun.Lease.ConversationId;
        return outcome;
    }
}

[Breaks("lists the runs of all conversations that the caller reaches as those of each", "8.6")]
public sealed class ListsRunsOfAllConversations(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<long, string> _conversations = [];

    public override async ValueTask<IReadOnlyList<ConversationRun>> ListRunsAsync(RunListing query, CancellationToken cancellationToken = default)
    {
        var runs = new List<ConversationRun>();
        foreach (var id in _conversations.Values.Distinct(StringComparer.Ordinal))
            runs.AddRange(await base.ListRunsAsync(query with { ConversationId = id }, cancellationToken));
        return [.. runs.OrderByDescending(run => run.Number).Take(query.Limit)];
    }

    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome)
    {
        if (outcome is TurnBegun begun)
            _conversations[begun.Lease.Fence] = begun.Lease.ConversationId;
        return outcome;
    }
}

[Breaks("lists runs to anyone", "16.1")]
public sealed class ListsRunsToAnyone(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<IReadOnlyList<ConversationRun>> ListRunsAsync(RunListing query, CancellationToken cancellationToken = default) =>
        base.ListRunsAsync(query with { Access = Host }, cancellationToken);
}

[Breaks("goes on listing the runs of a deleted conversation", "13.1")]
public sealed class ListsRunsThatWereDeleted(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<ConversationRun>> _left = [];

    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        _left[conversationId] = await Inner.ListRunsAsync(new RunListing { ConversationId = conversationId, Access = access, Limit = int.MaxValue }, cancellationToken);
        return await base.DeleteConversationAsync(conversationId, access, cancellationToken);
    }

    public override async ValueTask<IReadOnlyList<ConversationRun>> ListRunsAsync(RunListing query, CancellationToken cancellationToken = default) =>
        await base.ListRunsAsync(query, cancellationToken) is { Count: > 0 } runs ? runs : _left.GetValueOrDefault(query.ConversationId, []);
}
