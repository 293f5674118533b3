using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("leaves the pointer where it is when a new conversation is asked for", "5.3")]
public sealed class LeavesThePointerBehind(TimeProvider clock) : PinningStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (command is { StartNew: true, Scope: { } scope } && await Inner.GetCurrentAsync(scope, cancellationToken) is { } old)
            Pin(scope.SessionId, old.Id);
        return await base.BeginTurnAsync(command, cancellationToken);
    }
}

[Breaks("leaves the pointer to a conversation that a created one was to end", "5.3")]
public sealed class KeepsThePointerToWhatItEnds(TimeProvider clock) : PinningStore(clock)
{
    public override async ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default)
    {
        if (command.Current == CurrentConversationRule.End && await Inner.GetCurrentAsync(command.Scope, cancellationToken) is { } old)
            Pin(command.Scope.SessionId, old.Id);
        return await base.CreateConversationAsync(command, cancellationToken);
    }
}

[Breaks("points to none when the first conversation of a scope was to leave the pointer alone", "5.3")]
public sealed class KeepsThePointerToNone(TimeProvider clock) : PinningStore(clock)
{
    public override async ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default)
    {
        if (command.Current == CurrentConversationRule.Keep && await Inner.GetCurrentAsync(command.Scope, cancellationToken) is null)
            Pin(command.Scope.SessionId, null);
        return await base.CreateConversationAsync(command, cancellationToken);
    }
}

[Breaks("points to the conversation before when the one pointed to is deleted", "5.3")]
public sealed class PointsToTheOneBefore(TimeProvider clock) : PinningStore(clock)
{
    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        var doomed = await Inner.GetConversationAsync(conversationId, access, cancellationToken);
        var deleted = await base.DeleteConversationAsync(conversationId, access, cancellationToken);
        if (deleted && doomed is not null && await Inner.GetCurrentAsync(ConversationScope.Parse(doomed.SessionId), cancellationToken) is null)
        {
            var left = await Inner.ListConversationsAsync(new ConversationListing { Access = access, Limit = int.MaxValue }, cancellationToken);
            Pin(doomed.SessionId, left.FirstOrDefault(conversation => conversation.SessionId == doomed.SessionId)?.Id);
        }

        return deleted;
    }
}

/// <summary>A store that points to none of the conversations that it reopens, if something was so before.</summary>
public abstract class StubbornPointerStore(TimeProvider clock) : PinningStore(clock)
{
    public override async ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default)
    {
        if (change.Status == ConversationStatus.Active && await Inner.GetConversationAsync(conversationId, access, cancellationToken) is { IsActive: false } ended)
        {
            var current = await Inner.GetCurrentAsync(ConversationScope.Parse(ended.SessionId), cancellationToken);
            if (current?.Id != ended.Id && Stays(current))
                Pin(ended.SessionId, current?.Id);
        }

        return await base.UpdateConversationAsync(conversationId, access, change, cancellationToken);
    }

    protected abstract bool Stays(Conversation? current);
}

[Breaks("points to a reopened conversation only if the scope points to none", "5.3")]
public sealed class KeepsThePointerWhenOneIsReopened(TimeProvider clock) : StubbornPointerStore(clock)
{
    protected override bool Stays(Conversation? current) => current is { IsActive: false };
}

[Breaks("points to a reopened conversation only if the scope points to one that has ended", "5.3")]
public sealed class PointsToNoneWhenOneIsReopened(TimeProvider clock) : StubbornPointerStore(clock)
{
    protected override bool Stays(Conversation? current) => current is null;
}

[Breaks("points to an active conversation that is set active, if the scope points to no active one", "5.8", "5.3")]
public sealed class PointsToWhatIsSetActive(TimeProvider clock) : PinningStore(clock)
{
    public override async ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default)
    {
        if (change.Status == ConversationStatus.Active
            && await Inner.GetConversationAsync(conversationId, access, cancellationToken) is { IsActive: true } active
            && await Inner.GetCurrentAsync(ConversationScope.Parse(active.SessionId), cancellationToken) is not { IsActive: true })
        {
            Pin(active.SessionId, active.Id);
        }

        return await base.UpdateConversationAsync(conversationId, access, change, cancellationToken);
    }
}
