using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("adds up what runs used, but not those that failed", "21.1")]
public sealed class AddsUpNoFailedRun(TimeProvider clock) : UsageFoldingStore(clock)
{
    protected override bool IsMeant(ConversationRun run, UsageSumQuery query) => run.Status != RunStatus.Failed && base.IsMeant(run, query);
}

[Breaks("adds up what runs used, but not those that were superseded", "21.1")]
public sealed class AddsUpNoSupersededRun(TimeProvider clock) : UsageFoldingStore(clock)
{
    protected override bool IsMeant(ConversationRun run, UsageSumQuery query) => run.SupersededBy is null && base.IsMeant(run, query);
}

[Breaks("adds up what runs used, but not those that have not ended", "21.1")]
public sealed class AddsUpNoOpenRun(TimeProvider clock) : UsageFoldingStore(clock)
{
    protected override bool IsMeant(ConversationRun run, UsageSumQuery query) => run.EndedAt is not null && base.IsMeant(run, query);
}

[Breaks("adds up what was used in conversations that are deleted", "21.1", "13.1")]
public sealed class AddsUpWhatWasDeleted(TimeProvider clock) : UsageFoldingStore(clock)
{
    private readonly ConcurrentQueue<UsageTotals> _deleted = [];

    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        foreach (var sum in await base.SumUsageAsync(new UsageSumQuery { Access = access, ConversationId = conversationId }, cancellationToken))
            _deleted.Enqueue(sum.Totals);
        return await base.DeleteConversationAsync(conversationId, access, cancellationToken);
    }

    protected override UsageTotals Shown(UsageTotals totals) => _deleted.Aggregate(totals, (sum, deleted) => sum.Plus(deleted));
}

[Breaks("drops what a run used when a message of it is deleted", "21.1", "13.2")]
public sealed class DropsUsageWithAMessage(TimeProvider clock) : UsageFoldingStore(clock)
{
    private readonly ConcurrentDictionary<long, bool> _dropped = [];

    public override async ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        if ((await AllMessagesAsync(conversationId)).FirstOrDefault(message => message.Position == position)?.RunNumber is { } run)
            _dropped[run] = true;
        return await base.DeleteMessageAsync(conversationId, position, access, cancellationToken);
    }

    protected override bool IsMeant(ConversationRun run, UsageSumQuery query) => !_dropped.ContainsKey(run.Number) && base.IsMeant(run, query);
}

[Breaks("adds up the usage of all conversations, whichever is named", "21.2")]
public sealed class AddsUpEveryConversation(TimeProvider clock) : UsageFoldingStore(clock)
{
    protected override bool IsMeant(Conversation conversation, UsageSumQuery query) => IsOfAgent(conversation, query);
}

[Breaks("adds up the usage of a conversation that is named, whatever else is asked", "21.2")]
public sealed class AddsUpAConversationWhole(TimeProvider clock) : UsageFoldingStore(clock)
{
    public override ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(UsageSumQuery query, CancellationToken cancellationToken = default) =>
        base.SumUsageAsync(query.ConversationId is null ? query : query with { Agent = null, StartedFrom = null, StartedBefore = null }, cancellationToken);
}

[Breaks("takes agents that differ in case for one when it adds up usage", "21.2")]
public sealed class AddsUpAgentsWhateverTheirCase(TimeProvider clock) : UsageFoldingStore(clock)
{
    protected override bool IsMeant(Conversation conversation, UsageSumQuery query) =>
        IsNamed(conversation, query) && (query.Agent is null || string.Equals(query.Agent, conversation.Agent, StringComparison.OrdinalIgnoreCase));
}

[Breaks("leaves out a run that began at the very time that usage is asked from", "21.2")]
public sealed class AddsUpFromAfterATime(TimeProvider clock) : UsageFoldingStore(clock)
{
    protected override bool IsMeant(ConversationRun run, UsageSumQuery query) => run.StartedAt != query.StartedFrom && base.IsMeant(run, query);
}

[Breaks("adds up runs that began up to a time, that time included", "21.2")]
public sealed class AddsUpToATimeIncluded(TimeProvider clock) : UsageFoldingStore(clock)
{
    protected override bool IsMeant(ConversationRun run, UsageSumQuery query) =>
        base.IsMeant(run, run.StartedAt == query.StartedBefore ? query with { StartedBefore = null } : query);
}

[Breaks("goes by when a run ended when it adds up usage", "21.3", "21.2")]
public sealed class AddsUpByTheEnd(TimeProvider clock) : UsageFoldingStore(clock)
{
    protected override bool IsMeant(ConversationRun run, UsageSumQuery query) => base.IsMeant(Counted(run), query);

    protected override ConversationRun Counted(ConversationRun run) => run with { StartedAt = run.EndedAt ?? run.StartedAt };
}

[Breaks("takes callers that differ in case for one when it adds up usage", "21.3")]
public sealed class AddsUpCallersWhateverTheirCase(TimeProvider clock) : UsageFoldingStore(clock)
{
    protected override ConversationRun Counted(ConversationRun run) => run with { Caller = run.Caller?.ToUpperInvariant() };
}

[Breaks("groups usage by one thing at a time", "21.3")]
public sealed class GroupsByOneThing(TimeProvider clock) : UsageFoldingStore(clock)
{
    public override ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(UsageSumQuery query, CancellationToken cancellationToken = default) =>
        base.SumUsageAsync(query with { Keys = query.Keys & (UsageSumKeys)(-(int)query.Keys) }, cancellationToken);
}

[Breaks("gives a row of zeros where there is no run", "21.3")]
public sealed class GivesARowOfZeros(TimeProvider clock) : UsageFoldingStore(clock)
{
    public override async ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(UsageSumQuery query, CancellationToken cancellationToken = default) =>
        await base.SumUsageAsync(query, cancellationToken) is { Count: > 0 } rows ? rows : [new UsageSum { Totals = UsageTotals.None }];
}

[Breaks("adds costs as binary fractions", "21.4")]
public sealed class AddsCostsAsFractions(TimeProvider clock) : UsageFoldingStore(clock)
{
    protected override UsageTotals Shown(UsageTotals totals) => totals with { Cost = (decimal)(double)totals.Cost };
}

[Breaks("takes a run that says no usage for one that used nothing", "21.4")]
public sealed class TakesNoUsageForNothing(TimeProvider clock) : UsageFoldingStore(clock)
{
    protected override ConversationRun Counted(ConversationRun run) => run with { Usage = run.Usage ?? new TokenUsage() };
}

[Breaks("takes a run that cost nothing for one that says no cost", "21.4")]
public sealed class TakesNothingForNoCost(TimeProvider clock) : UsageFoldingStore(clock)
{
    protected override ConversationRun Counted(ConversationRun run) => run with { Cost = run.Cost is 0 ? null : run.Cost };
}

[Breaks("leaves out what the prompts cost when it adds up usage", "21.4")]
public sealed class LeavesOutPrompts(TimeProvider clock) : UsageFoldingStore(clock)
{
    protected override ConversationRun Counted(ConversationRun run) => run with { PromptTokens = null, HistoryTokens = null };
}

[Breaks("adds up no more tokens than 32 bits hold", "21.4")]
public sealed class AddsUpTo32Bits(TimeProvider clock) : UsageFoldingStore(clock)
{
    protected override UsageTotals Shown(UsageTotals totals) => totals with { InputTokens = Math.Min(totals.InputTokens, int.MaxValue) };
}

[Breaks("gives some number where a sum does not fit", "21.5")]
public sealed class GivesSomeNumber(TimeProvider clock) : UsageFoldingStore(clock)
{
    public override async ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(UsageSumQuery query, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.SumUsageAsync(query, cancellationToken);
        }
        catch (OverflowException)
        {
            return [new UsageSum { Totals = UsageTotals.None with { Runs = 1 } }];
        }
    }
}

[Breaks("adds up usage for anyone", "16.1")]
public sealed class AddsUpForAnyone(TimeProvider clock) : UsageFoldingStore(clock)
{
    public override ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(UsageSumQuery query, CancellationToken cancellationToken = default) =>
        base.SumUsageAsync(query with { Access = Host }, cancellationToken);
}

[Breaks("adds up usage whatever the token says", "12.1")]
public sealed class AddsUpWhateverTheTokenSays(TimeProvider clock) : UsageFoldingStore(clock)
{
    public override ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(UsageSumQuery query, CancellationToken cancellationToken = default) =>
        base.SumUsageAsync(query, CancellationToken.None);
}

[Breaks("has no usage once it is disposed", "15.1")]
public sealed class HasNoUsageOnceDisposed(TimeProvider clock) : UsageFoldingStore(clock)
{
    public override async ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(UsageSumQuery query, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.SumUsageAsync(query, cancellationToken);
        }
        catch (ObjectDisposedException)
        {
            return [];
        }
    }
}
