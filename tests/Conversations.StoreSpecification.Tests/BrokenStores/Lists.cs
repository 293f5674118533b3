using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("lists by creation instead of activity", "8.2")]
public sealed class ListsByCreation(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) =>
        [.. (await base.ListConversationsAsync(query, cancellationToken)).OrderByDescending(conversation => conversation.CreatedAt)];
}

[Breaks("lists the oldest activity first", "8.2")]
public sealed class ListsTheOldestFirst(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) =>
        [.. (await base.ListConversationsAsync(query, cancellationToken)).OrderBy(conversation => conversation.LastActivityAt)];
}

[Breaks("lists equals by id ignoring case", "8.2")]
public sealed class ListsIdsIgnoringCase(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) =>
        [.. (await base.ListConversationsAsync(query, cancellationToken))
            .OrderByDescending(conversation => conversation.LastActivityAt)
            .ThenByDescending(conversation => conversation.Id, StringComparer.OrdinalIgnoreCase)];
}

[Breaks("lists less of a conversation than reading it gives", "8.2")]
public sealed class ListsWithoutTitles(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) =>
        [.. (await base.ListConversationsAsync(query, cancellationToken)).Select(conversation => conversation with { Title = null })];
}

[Breaks("lets the last activity go back with the clock", "8.2")]
public sealed class LetsActivityGoBack(TimeProvider clock) : RewritingStore(clock)
{
    protected override Conversation Shown(Conversation conversation) =>
        conversation with { LastActivityAt = conversation.LastActivityAt < Now ? conversation.LastActivityAt : Now };
}

[Breaks("goes on with a list by the number of rows that were given", "8.3")]
public sealed class PagesConversationsByOffset(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<ListPosition, int> _offsets = [];

    public override async ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default)
    {
        var offset = query.After is null ? 0 : _offsets.GetValueOrDefault(query.After, int.MaxValue);
        var all = await base.ListConversationsAsync(query with { After = null, Limit = int.MaxValue }, cancellationToken);
        var page = all.Skip(offset).Take(query.Limit).ToList();
        if (page is [.., var last])
            _offsets[new ListPosition(last.LastActivityAt, last.Id)] = offset + page.Count;
        return page;
    }
}

[Breaks("goes on with a list by the time alone, so that equals are missed", "8.3")]
public sealed class PagesByTimeAlone(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) =>
        base.ListConversationsAsync(query.After is { } after ? query with { After = after with { ConversationId = "" } } : query, cancellationToken);
}

[Breaks("ends a list at a row that was deleted", "8.3")]
public sealed class EndsAListAtADeletedRow(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) =>
        query.After is { } after && await Inner.GetConversationAsync(after.ConversationId, Host, cancellationToken) is null
            ? []
            : await base.ListConversationsAsync(query, cancellationToken);
}

[Breaks("begins a page of a list with the row that it comes after", "8.3")]
public sealed class RepeatsTheLastConversation(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default)
    {
        var page = await base.ListConversationsAsync(query, cancellationToken);
        return query.After is { } after && page.Count > 0 && await Inner.GetConversationAsync(after.ConversationId, Host, cancellationToken) is { } last
            ? [last, .. page.Take(query.Limit - 1)]
            : page;
    }
}

[Breaks("lists a thousand conversations at the most, however many were asked for", "8.2")]
public sealed class ListsAThousand(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) =>
        base.ListConversationsAsync(query with { Limit = Math.Min(query.Limit, 1_000) }, cancellationToken);
}
