using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("begins a page of messages with the one that it comes after", "8.1")]
public sealed class RepeatsTheLastMessage(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
        base.ReadMessagesAsync(query.After is 0 or null or long.MaxValue ? query : query with { After = query.After + (query.NewestFirst ? 1 : -1) }, cancellationToken);
}

[Breaks("gives one message more in a page than was asked for", "8.1")]
public sealed class GivesOneMoreInAPage(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
        base.ReadMessagesAsync(query.Limit == int.MaxValue ? query : query with { Limit = query.Limit + 1 }, cancellationToken);
}

[Breaks("gives a page of messages oldest first, whatever was asked for", "8.1")]
public sealed class GivesPagesOldestFirst(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
        [.. (await base.ReadMessagesAsync(query, cancellationToken)).OrderBy(message => message.Position)];
}

[Breaks("leaves errors out of a page", "8.1")]
public sealed class HidesErrors(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
        [.. (await base.ReadMessagesAsync(query, cancellationToken)).Where(message => message.Kind != MessageKind.Error)];
}

[Breaks("finds no page that begins where a message was deleted", "8.1", "8.3")]
public sealed class LosesItsPlaceInAHole(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default)
    {
        var conversation = await Inner.GetConversationAsync(query.ConversationId, query.Access, cancellationToken);
        var all = await AllMessagesAsync(query.ConversationId);
        return query.After is { } after && after >= 1 && after <= conversation?.LastPosition && all.All(message => message.Position != after)
            ? []
            : await base.ReadMessagesAsync(query, cancellationToken);
    }
}

[Breaks("counts rows instead of comparing positions", "8.3", "8.1")]
public sealed class PagesMessagesByOffset(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default)
    {
        var all = await base.ReadMessagesAsync(query with { After = null, Limit = int.MaxValue }, cancellationToken);
        var skipped = query.NewestFirst ? all.Count - (query.After ?? all.Count + 1) + 1 : query.After ?? 0;
        return [.. all.Skip((int)Math.Clamp(skipped, 0, all.Count)).Take(query.Limit)];
    }
}
