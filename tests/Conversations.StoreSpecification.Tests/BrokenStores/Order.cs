using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("numbers messages from 0 on", "2.1")]
public sealed class NumbersFromZero(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationMessage Shown(ConversationMessage message) => message with { Position = message.Position - 1 };
}

[Breaks("orders messages by their times", "2.1")]
public sealed class OrdersByTime(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
        [.. (await base.ReadMessagesAsync(query, cancellationToken)).OrderBy(message => message.CreatedAt)];
}

[Breaks("gives messages of the past no positions, so that a turn begins at 1", "2.1")]
public sealed class NumbersEachTurnFromOne(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome) =>
        outcome is TurnBegun { IsOnSavedInput: false } begun ? begun with { InputPosition = 1, LastPosition = command.Input.Count } : outcome;
}

[Breaks("gives the position of a deleted message again", "2.2")]
public sealed class ClosesTheHoles(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is not TurnBegun begun)
            return outcome;

        var count = (await AllMessagesAsync(begun.Lease.ConversationId)).Count;
        return begun with { InputPosition = count - command.Input.Count + 1, LastPosition = count };
    }

    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
        [.. (await base.ReadMessagesAsync(query, cancellationToken)).Select((message, index) => message with { Position = index + 1 })];
}

[Breaks("counts runs from 1 again once all conversations are deleted", "2.3", "4.1")]
public sealed class CountsRunsAnewAfterDeletion(TimeProvider clock) : RewritingStore(clock)
{
    private long _offset;
    private long _last;

    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        base.CommitTurnAsync(command with { Lease = command.Lease with { Fence = command.Lease.Fence + _offset } }, cancellationToken);

    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        var deleted = await base.DeleteConversationAsync(conversationId, access, cancellationToken);
        if (await Inner.ListConversationsAsync(new ConversationListing { Access = Host, Limit = 1 }, cancellationToken) is { Count: 0 })
            _offset = _last;
        return deleted;
    }

    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome)
    {
        if (outcome is not TurnBegun begun)
            return outcome;

        _last = begun.Lease.Fence;
        return begun with { Lease = begun.Lease with { Fence = _last - _offset } };
    }
}

[Breaks("counts deleted messages", "2.4")]
public sealed class CountsDeletedMessages(TimeProvider clock) : RewritingStore(clock)
{
    protected override Conversation Shown(Conversation conversation) => conversation with { MessageCount = conversation.LastPosition };
}

[Breaks("lowers the last position when a message is deleted", "2.4")]
public sealed class LowersTheLastPosition(TimeProvider clock) : RewritingStore(clock)
{
    protected override Conversation Shown(Conversation conversation) => conversation with { LastPosition = conversation.MessageCount };
}

[Breaks("takes its own time for that of the last message", "2.4")]
public sealed class TimesTheLastMessageItself(TimeProvider clock) : RewritingStore(clock)
{
    protected override Conversation Shown(Conversation conversation) =>
        conversation with { LastMessageAt = conversation.LastMessageAt is null ? null : conversation.LastActivityAt };
}

[Breaks("takes the latest time of a message for that of the last one", "2.4")]
public sealed class TimesTheLastMessageByTheLatest(TimeProvider clock) : RewritingStore(clock)
{
    private DateTimeOffset _latest;

    protected override ConversationMessage Written(ConversationMessage message)
    {
        _latest = message.CreatedAt > _latest ? message.CreatedAt.Value : _latest;
        return message;
    }

    protected override Conversation Shown(Conversation conversation) =>
        conversation with { LastMessageAt = conversation.LastMessageAt is null ? null : _latest };
}

[Breaks("gives the time of the message before for that of the last one when that is deleted", "2.4")]
public sealed class ForgetsTheTimeOfADeletedMessage(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset?> _left = new(StringComparer.Ordinal);

    public override async ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        var deleted = await base.DeleteMessageAsync(conversationId, position, access, cancellationToken);
        if (deleted)
            _left[conversationId] = await AllMessagesAsync(conversationId) is [.., var last] ? last.CreatedAt : null;
        return deleted;
    }

    protected override Conversation Shown(Conversation conversation) =>
        _left.TryGetValue(conversation.Id, out var left) ? conversation with { LastMessageAt = left } : conversation;
}

[Breaks("counts a message that is deleted twice at once twice", "2.4", "13.2", Races = [nameof(RaceSpecification<>.Delete_of_a_message_by_many_counts_it_once)])]
public sealed class CountsDeletionsByTheAsking(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, int> _asked = new(StringComparer.Ordinal);

    public override ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        _asked.AddOrUpdate(conversationId, 1, (_, asked) => asked + 1);
        return base.DeleteMessageAsync(conversationId, position, access, cancellationToken);
    }

    protected override Conversation Shown(Conversation conversation) =>
        conversation with { MessageCount = conversation.LastPosition - _asked.GetValueOrDefault(conversation.Id) };
}
