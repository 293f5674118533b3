using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("lists what passes one of the filters, not all", "8.4")]
public sealed class OrsFilters(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default)
    {
        var none = query with { Agent = null, UserId = null, Channel = null, Thread = null, Status = null };
        ConversationListing?[] single =
        [
            query.Agent is null ? null : none with { Agent = query.Agent },
            query.UserId is null ? null : none with { UserId = query.UserId },
            query.Channel is null ? null : none with { Channel = query.Channel },
            query.Thread is null ? null : none with { Thread = query.Thread },
            query.Status is null ? null : none with { Status = query.Status },
        ];
        var listed = new List<Conversation>();
        foreach (var filter in single.OfType<ConversationListing>().DefaultIfEmpty(none))
            listed.AddRange(await base.ListConversationsAsync(filter, cancellationToken));
        return [.. listed.Distinct().Take(query.Limit)];
    }
}

/// <summary>A right store whose filter can be replaced: it lists without it and asks for each row.</summary>
public abstract class FilteringStore(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) =>
        [.. (await base.ListConversationsAsync(Widened(query) with { Limit = int.MaxValue }, cancellationToken)).Where(conversation => Passes(conversation, query)).Take(query.Limit)];

    protected abstract ConversationListing Widened(ConversationListing query);

    protected virtual bool Passes(Conversation conversation, ConversationListing query) => true;
}

[Breaks("compares users in a filter ignoring case", "8.4")]
public sealed class FiltersUsersIgnoringCase(TimeProvider clock) : FilteringStore(clock)
{
    protected override ConversationListing Widened(ConversationListing query) => query with { UserId = null };

    protected override bool Passes(Conversation conversation, ConversationListing query) =>
        query.UserId is null || string.Equals(conversation.UserId, query.UserId, StringComparison.OrdinalIgnoreCase);
}

[Breaks("takes a percent sign in a filter for any text", "8.4")]
public sealed class FiltersByPattern(TimeProvider clock) : FilteringStore(clock)
{
    protected override ConversationListing Widened(ConversationListing query) => query with { UserId = query.UserId is "%" ? null : query.UserId };
}

[Breaks("does not filter by channel", "8.4")]
public sealed class IgnoresTheChannelFilter(TimeProvider clock) : FilteringStore(clock)
{
    protected override ConversationListing Widened(ConversationListing query) => query with { Channel = null };
}

[Breaks("does not filter by thread", "8.4")]
public sealed class IgnoresTheThreadFilter(TimeProvider clock) : FilteringStore(clock)
{
    protected override ConversationListing Widened(ConversationListing query) => query with { Thread = null };
}

[Breaks("does not filter by agent", "8.4")]
public sealed class IgnoresTheAgentFilter(TimeProvider clock) : FilteringStore(clock)
{
    protected override ConversationListing Widened(ConversationListing query) => query with { Agent = null };
}

[Breaks("does not filter by status", "8.4")]
public sealed class IgnoresTheStatusFilter(TimeProvider clock) : FilteringStore(clock)
{
    protected override ConversationListing Widened(ConversationListing query) => query with { Status = null };
}

[Breaks("compares the time from which it lists by the millisecond", "8.4")]
public sealed class FiltersFromTheMillisecond(TimeProvider clock) : FilteringStore(clock)
{
    protected override ConversationListing Widened(ConversationListing query) =>
        query with { ActiveFrom = query.ActiveFrom is { } from ? from.AddTicks(-(from.Ticks % TimeSpan.TicksPerMillisecond)) : null };
}

[Breaks("lists what was active at the time before which it lists", "8.4")]
public sealed class FiltersToTheEnd(TimeProvider clock) : FilteringStore(clock)
{
    protected override ConversationListing Widened(ConversationListing query) => query with { ActiveBefore = query.ActiveBefore?.AddTicks(1) };
}
