using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>A store that moves the end of a conversation at changes of status that should leave it.</summary>
public abstract class EndMovingStore(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _ends = new(StringComparer.Ordinal);

    public override async ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default)
    {
        if (change.Status is { } to && await Inner.GetConversationAsync(conversationId, access, cancellationToken) is { IsActive: false } ended && Moves(ended.Status, to))
            _ends[conversationId] = Now;
        return await base.UpdateConversationAsync(conversationId, access, change, cancellationToken);
    }

    protected abstract bool Moves(ConversationStatus from, ConversationStatus to);

    protected override Conversation Shown(Conversation conversation) =>
        !conversation.IsActive && _ends.TryGetValue(conversation.Id, out var end) ? conversation with { EndedAt = end } : conversation;
}

[Breaks("moves the end of a conversation that is given the status that it has", "5.8")]
public sealed class EndsAgainWhatHasEnded(TimeProvider clock) : EndMovingStore(clock)
{
    protected override bool Moves(ConversationStatus from, ConversationStatus to) => from == to;
}

[Breaks("moves the end of an ended conversation that is archived", "5.8")]
public sealed class EndsWhatItArchives(TimeProvider clock) : EndMovingStore(clock)
{
    protected override bool Moves(ConversationStatus from, ConversationStatus to) => from == ConversationStatus.Ended && to == ConversationStatus.Archived;
}

[Breaks("moves the end of an archived conversation that is ended", "5.8")]
public sealed class EndsWhatWasArchived(TimeProvider clock) : EndMovingStore(clock)
{
    protected override bool Moves(ConversationStatus from, ConversationStatus to) => from == ConversationStatus.Archived && to == ConversationStatus.Ended;
}

[Breaks("does not say when a conversation stopped being active that was archived", "5.8")]
public sealed class LosesTheEndOfWhatIsArchived(TimeProvider clock) : RewritingStore(clock)
{
    protected override Conversation Shown(Conversation conversation) =>
        conversation.Status == ConversationStatus.Archived ? conversation with { EndedAt = null } : conversation;
}

[Breaks("passes over the title of a change that names the status that the conversation has", "5.8")]
public sealed class PassesOverATitleWithAStatus(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default)
    {
        var before = await Inner.GetConversationAsync(conversationId, access, cancellationToken);
        return await base.UpdateConversationAsync(conversationId, access, before?.Status == change.Status ? new ConversationChange() : change, cancellationToken);
    }
}

[Breaks("takes the lease of an open turn away when a created conversation ends its own", "5.9", "4.7")]
public sealed class RevokesTheLeaseOfWhatItEnds(TimeProvider clock) : LeaseWatchingStore(clock)
{
    public override async ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default)
    {
        if (command.Current == CurrentConversationRule.End && await Inner.GetCurrentAsync(command.Scope, cancellationToken) is { IsActive: true } old)
            await RevokeAsync(old.Id);
        return await base.CreateConversationAsync(command, cancellationToken);
    }
}
