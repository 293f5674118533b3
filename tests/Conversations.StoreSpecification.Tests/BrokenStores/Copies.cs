using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("keeps the list of a creation, as the caller has it", "1.1")]
public sealed class KeepsTheCallersList(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<ConversationMessage>> _kept = new(StringComparer.Ordinal);

    public override async ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default)
    {
        var created = await base.CreateConversationAsync(command, cancellationToken);
        _kept[created.Id] = command.Messages;
        return created;
    }

    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
        _kept.TryGetValue(query.ConversationId, out var kept) && kept.Count > 0
            ? [.. kept.Select((message, index) => message with { ConversationId = query.ConversationId, Position = index + 1 })]
            : await base.ReadMessagesAsync(query, cancellationToken);
}

[Breaks("hands out its own list of messages", "1.1")]
public sealed class HandsOutItsListOfMessages(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<(MessageRange, Conversation?), IReadOnlyList<ConversationMessage>> _lists = [];

    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default)
    {
        var conversation = await Inner.GetConversationAsync(query.ConversationId, query.Access, cancellationToken);
        var read = await Inner.ReadMessagesAsync(query, cancellationToken);
        return _lists.GetOrAdd((query, conversation), read);
    }
}

[Breaks("hands out its own list of a window", "1.1")]
public sealed class HandsOutItsWindow(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<(WindowQuery, Conversation?), IReadOnlyList<ConversationMessage>> _lists = [];

    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default)
    {
        var conversation = await Inner.GetConversationAsync(query.ConversationId, query.Access, cancellationToken);
        var read = await Inner.ReadWindowAsync(query, cancellationToken);
        return _lists.GetOrAdd((query, conversation), read);
    }
}

[Breaks("lets a list that it handed out grow with the conversation", "1.1")]
public sealed class HandsOutAListThatGrows(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, List<ConversationMessage>> _lists = new(StringComparer.Ordinal);

    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
        _lists[query.ConversationId] = [.. await base.ReadMessagesAsync(query, cancellationToken)];

    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        var committed = await base.CommitTurnAsync(command, cancellationToken);
        if (committed && _lists.TryGetValue(command.Lease.ConversationId, out var list))
            list.AddRange(command.Messages);
        return committed;
    }
}
