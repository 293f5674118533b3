using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>A right store that adds up usage by itself, with places to put something wrong.</summary>
public abstract class UsageFoldingStore(TimeProvider clock) : RewritingStore(clock), IConversationUsageStore
{
    public virtual async ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(UsageSumQuery query, CancellationToken cancellationToken = default)
    {
        var sums = new UsageSums(query.Keys);
        foreach (var conversation in await Inner.ListConversationsAsync(new ConversationListing { Access = query.Access, Limit = int.MaxValue }, cancellationToken))
        {
            foreach (var run in IsMeant(conversation, query) ? await RunsAsync(conversation) : [])
            {
                if (IsMeant(run, query))
                    sums.Add(conversation.Agent, Counted(run));
            }
        }

        return [.. sums.Rows.Select(row => row with { Totals = Shown(row.Totals) })];
    }

    /// <summary>Whether the runs of a conversation count.</summary>
    protected virtual bool IsMeant(Conversation conversation, UsageSumQuery query) => IsNamed(conversation, query) && IsOfAgent(conversation, query);

    /// <summary>Whether a run of them counts.</summary>
    protected virtual bool IsMeant(ConversationRun run, UsageSumQuery query) =>
        !(run.StartedAt < query.StartedFrom) && !(run.StartedAt >= query.StartedBefore);

    /// <summary>A run as it is added.</summary>
    protected virtual ConversationRun Counted(ConversationRun run) => run;

    /// <summary>Totals as they are given back.</summary>
    protected virtual UsageTotals Shown(UsageTotals totals) => totals;

    protected static bool IsNamed(Conversation conversation, UsageSumQuery query) =>
        query.ConversationId is null || string.Equals(query.ConversationId, conversation.Id, StringComparison.Ordinal);

    protected static bool IsOfAgent(Conversation conversation, UsageSumQuery query) =>
        query.Agent is null || string.Equals(query.Agent, conversation.Agent, StringComparison.Ordinal);

    private ValueTask<IReadOnlyList<ConversationRun>> RunsAsync(Conversation conversation) =>
        Inner.ListRunsAsync(new RunListing { ConversationId = conversation.Id, Access = new ConversationAccess(conversation.Project, null), Limit = int.MaxValue });
}
