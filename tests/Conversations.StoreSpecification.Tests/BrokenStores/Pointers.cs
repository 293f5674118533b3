using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("begins a new conversation with each turn by scope", "5.1")]
public sealed class StartsNewEachTime(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) => command with { StartNew = command.Scope is not null };
}

[Breaks("leaves behind the conversation of a turn that it refuses", "5.1")]
public sealed class LeavesAConversationBehind(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is TurnConversationMoved && command.Scope is { } scope && await Inner.GetCurrentAsync(scope, cancellationToken) is null)
            await Inner.CreateConversationAsync(new CreateConversationCommand { ConversationId = command.NewConversationId, Scope = scope }, cancellationToken);
        return outcome;
    }
}

[Breaks("finds no conversation of a scope that the caller's access does not name", "5.1")]
public sealed class AsksForAccessToAScope(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        command.Scope is { } scope && !command.Access.Reaches(scope) ? new TurnNotFound() : await base.BeginTurnAsync(command, cancellationToken);
}

[Breaks("continues the current conversation of a scope although it has ended", "5.1")]
public sealed class ContinuesWhatHasEnded(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (command.Scope is { } scope && await Inner.GetCurrentAsync(scope, cancellationToken) is { IsActive: false } ended)
            await Inner.UpdateConversationAsync(ended.Id, Host, new ConversationChange { Status = ConversationStatus.Active }, cancellationToken);
        return await base.BeginTurnAsync(command, cancellationToken);
    }
}

[Breaks("says of every conversation that begins that it is the first", "5.2")]
public sealed class SaysFirst(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome) =>
        outcome is TurnBegun { StartReason: not null } begun ? begun with { StartReason = ConversationStartReason.First } : outcome;
}

[Breaks("says of a first conversation that it is the first, though it was asked for", "5.2")]
public sealed class SaysFirstOfARequestedOne(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var isFirst = command.Scope is { } scope && await Inner.GetCurrentAsync(scope, cancellationToken) is null;
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        return isFirst && outcome is TurnBegun begun ? begun with { StartReason = ConversationStartReason.First } : outcome;
    }
}

[Breaks("says that the current conversation ended when it was deleted", "5.2")]
public sealed class SaysEndedAfterADeletion(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome) =>
        outcome is TurnBegun { StartReason: ConversationStartReason.First } begun && !_known.TryAdd(command.Scope!.SessionId, true)
            ? begun with { StartReason = ConversationStartReason.Ended }
            : outcome;
}

[Breaks("clears the pointer to a conversation that ends", "5.3")]
public sealed class ClearsThePointerAtTheEnd(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<Conversation?> GetCurrentAsync(ConversationScope scope, CancellationToken cancellationToken = default) =>
        await base.GetCurrentAsync(scope, cancellationToken) is { IsActive: true } current ? current : null;
}

[Breaks("clears the pointer when another conversation of the scope is deleted", "5.3")]
public sealed class ClearsThePointerAtAnyDeletion(TimeProvider clock) : PinningStore(clock)
{
    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        if (await Inner.GetConversationAsync(conversationId, access, cancellationToken) is { } doomed)
            Pin(doomed.SessionId, null);
        return await base.DeleteConversationAsync(conversationId, access, cancellationToken);
    }
}

[Breaks("points to a reopened conversation though another is active", "5.3")]
public sealed class PointsToWhatIsReopened(TimeProvider clock) : PinningStore(clock)
{
    public override async ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default)
    {
        var changed = await base.UpdateConversationAsync(conversationId, access, change, cancellationToken);
        if (changed is not null && change.Status == ConversationStatus.Active)
            Pin(changed.SessionId, changed.Id);
        return changed;
    }
}

[Breaks("points to a reopened conversation never, though no other is active", "5.3")]
public sealed class NeverPointsToWhatIsReopened(TimeProvider clock) : PinningStore(clock)
{
    public override async ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default)
    {
        if (change.Status == ConversationStatus.Active && await Inner.GetConversationAsync(conversationId, access, cancellationToken) is { } conversation)
            Pin(conversation.SessionId, (await GetCurrentAsync(ConversationScope.Parse(conversation.SessionId), cancellationToken))?.Id);
        return await base.UpdateConversationAsync(conversationId, access, change, cancellationToken);
    }
}

[Breaks("points to a conversation that is continued by id", "5.3", "5.5")]
public sealed class PointsToWhatIsContinued(TimeProvider clock) : PinningStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is TurnBegun && command.ConversationId is { } id && await Inner.GetConversationAsync(id, command.Access, cancellationToken) is { } conversation)
            Pin(conversation.SessionId, id);
        return outcome;
    }
}

[Breaks("moves the pointer to a created conversation that was to leave it", "5.3")]
public sealed class ReplacesInsteadOfKeeping(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default) =>
        base.CreateConversationAsync(command with { Current = command.Current == CurrentConversationRule.Keep ? CurrentConversationRule.Replace : command.Current }, cancellationToken);
}

[Breaks("leaves the pointer to an active conversation that a created one was to replace", "5.3")]
public sealed class KeepsInsteadOfReplacing(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default) =>
        base.CreateConversationAsync(command with { Current = command.Current == CurrentConversationRule.Replace ? CurrentConversationRule.Keep : command.Current }, cancellationToken);
}

[Breaks("ends the old conversation when a new one is asked for", "5.3")]
public sealed class EndsTheOldOne(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (command is { StartNew: true, Scope: { } scope } && await Inner.GetCurrentAsync(scope, cancellationToken) is { } old)
            await Inner.UpdateConversationAsync(old.Id, Host, new ConversationChange { Status = ConversationStatus.Ended }, cancellationToken);
        return await base.BeginTurnAsync(command, cancellationToken);
    }
}

[Breaks("keeps the pointer to a conversation that has ended", "5.3")]
public sealed class KeepsThePointerToWhatEnded(TimeProvider clock) : PinningStore(clock)
{
    public override async ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default)
    {
        if (command.Current == CurrentConversationRule.Keep && await Inner.GetCurrentAsync(command.Scope, cancellationToken) is { IsActive: false } ended)
            Pin(command.Scope.SessionId, ended.Id);
        return await base.CreateConversationAsync(command, cancellationToken);
    }
}
