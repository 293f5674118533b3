using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("gives a window newest first", "7.1")]
public sealed class GivesWindowsNewestFirst(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default) =>
        [.. (await base.ReadWindowAsync(query, cancellationToken)).Reverse()];
}

[Breaks("gives the oldest messages for a window instead of the newest", "7.1")]
public sealed class GivesTheOldestForAWindow(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default) =>
        [.. (await base.ReadWindowAsync(query with { Limit = int.MaxValue }, cancellationToken)).Take(query.Limit)];
}

[Breaks("gives one message more in a window than was asked for", "7.1")]
public sealed class GivesOneMoreInAWindow(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default) =>
        base.ReadWindowAsync(query.Limit == int.MaxValue ? query : query with { Limit = query.Limit + 1 }, cancellationToken);
}

[Breaks("gives the message at the position before which a window was asked for", "7.1")]
public sealed class GivesWindowsToTheirEnd(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default) =>
        base.ReadWindowAsync(query.Before == long.MaxValue ? query : query with { Before = query.Before + 1 }, cancellationToken);
}

[Breaks("counts holes in a window", "7.1", "2.2")]
public sealed class CountsHolesInAWindow(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default) =>
        [.. (await base.ReadWindowAsync(query, cancellationToken)).Where(message => message.Position >= query.Before - query.Limit)];
}

[Breaks("shows errors in a window", "7.2")]
public sealed class ShowsErrorsInAWindow(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default)
    {
        var page = new MessageRange { ConversationId = query.ConversationId, Access = query.Access, NewestFirst = true, After = query.Before, Limit = query.Limit };
        return [.. (await Inner.ReadMessagesAsync(page, cancellationToken)).Reverse()];
    }
}

[Breaks("counts errors in a window before it passes over them", "7.2")]
public sealed class CountsErrorsInAWindow(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default)
    {
        var page = new MessageRange { ConversationId = query.ConversationId, Access = query.Access, NewestFirst = true, After = query.Before, Limit = query.Limit };
        return [.. (await Inner.ReadMessagesAsync(page, cancellationToken)).Reverse().Where(message => message.Kind != MessageKind.Error)];
    }
}
