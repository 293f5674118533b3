using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("takes scopes that differ in case for one", "5.4")]
public sealed class ComparesScopesIgnoringCase(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, ConversationScope> _known = new(StringComparer.OrdinalIgnoreCase);

    protected override BeginTurnCommand Asked(BeginTurnCommand command) =>
        command.Scope is { } scope ? command with { Scope = _known.GetOrAdd(scope.SessionId, scope) } : command;
}

[Breaks("takes the threads of an owner for one scope", "5.4")]
public sealed class ForgetsTheThreadOfAScope(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, ConversationScope> _known = new(StringComparer.Ordinal);

    protected override BeginTurnCommand Asked(BeginTurnCommand command) =>
        command.Scope is { Owner.Thread: not null } scope ? command with { Scope = _known.GetOrAdd(scope.Owner.Audience, scope) } : command;
}

[Breaks("gives the empty text for a channel, user or thread that is not there", "5.4")]
public sealed class WritesEmptyTexts(TimeProvider clock) : RewritingStore(clock)
{
    protected override Conversation Shown(Conversation conversation) =>
        conversation with { Channel = conversation.Channel ?? "", UserId = conversation.UserId ?? "", Thread = conversation.Thread ?? "" };
}

[Breaks("continues a conversation of another agent by id", "5.5")]
public sealed class ContinuesForAnyAgent(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        await base.BeginTurnAsync(command with { Agent = (await TargetAsync(command))?.Agent ?? command.Agent }, cancellationToken);
}

[Breaks("reopens a conversation that is continued by id", "5.5")]
public sealed class ReopensWhatIsContinued(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (command.ConversationId is { } id && await TargetAsync(command) is { IsActive: false })
            await Inner.UpdateConversationAsync(id, command.Access, new ConversationChange { Status = ConversationStatus.Active }, cancellationToken);
        return await base.BeginTurnAsync(command, cancellationToken);
    }
}

[Breaks("continues the current conversation of the scope instead of the one named by id", "5.5")]
public sealed class ContinuesTheCurrentOneInstead(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var current = command.ConversationId is not null && await TargetAsync(command) is { } named
            ? await Inner.GetCurrentAsync(ConversationScope.Parse(named.SessionId), cancellationToken)
            : null;
        return await base.BeginTurnAsync(current is null ? command : command with { ConversationId = current.Id }, cancellationToken);
    }
}

[Breaks("says that a conversation is locked which has ended", "5.5")]
public sealed class SaysLockedBeforeEnded(TimeProvider clock) : LeaseWatchingStore(clock)
{
    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome) =>
        outcome is TurnConversationEnded ended && OpenLeaseOf(ended.ConversationId) is { } open && open.Expires > Now
            ? new TurnLocked(ended.ConversationId, open.Lease.Fence, open.Expires - Now)
            : outcome;
}

[Breaks("overwrites the title with that of each turn", "5.6")]
public sealed class OverwritesTheTitle(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is TurnBegun begun)
            await Inner.UpdateConversationAsync(begun.Lease.ConversationId, Host, new ConversationChange { Title = command.Title }, cancellationToken);
        return outcome;
    }
}

[Breaks("gives a title to a conversation only when it creates it", "5.6")]
public sealed class TitlesNewOnesOnly(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        await base.BeginTurnAsync(await TargetAsync(command) is null ? command : command with { Title = null }, cancellationToken);
}

[Breaks("begins whatever position was expected", "5.7")]
public sealed class ExpectsNothing(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) => command with { ExpectedLastPosition = null };
}

[Breaks("says that a conversation has moved before it looks at the key", "5.7")]
public sealed class SaysMovedBeforeTheKey(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        command is { ExpectedLastPosition: { } expected, IdempotencyKey: not null } && await TargetAsync(command) is { IsActive: true } target && target.LastPosition != expected
            ? new TurnConversationMoved()
            : await base.BeginTurnAsync(command, cancellationToken);
}

[Breaks("compares the expected position with the number of messages", "5.7")]
public sealed class ExpectsTheNumberOfMessages(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        await base.BeginTurnAsync(
            await TargetAsync(command) is { } target && command.ExpectedLastPosition is { } expected
                ? command with { ExpectedLastPosition = expected + target.LastPosition - target.MessageCount }
                : command,
            cancellationToken);
}

[Breaks("ends a conversation again that has ended, so that its end moves", "5.8")]
public sealed class MovesTheEnd(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _ends = new(StringComparer.Ordinal);

    public override ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default)
    {
        _ends[conversationId] = Now;
        return base.UpdateConversationAsync(conversationId, access, change, cancellationToken);
    }

    protected override Conversation Shown(Conversation conversation) =>
        conversation.EndedAt is not null && _ends.TryGetValue(conversation.Id, out var end) ? conversation with { EndedAt = end } : conversation;
}

[Breaks("leaves the end of a conversation that is reopened", "5.8")]
public sealed class KeepsTheEndOfWhatIsReopened(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _ends = new(StringComparer.Ordinal);

    protected override Conversation Shown(Conversation conversation)
    {
        if (conversation.EndedAt is { } end)
            _ends[conversation.Id] = end;
        return _ends.TryGetValue(conversation.Id, out var known) ? conversation with { EndedAt = known } : conversation;
    }
}

[Breaks("does not say when a conversation ended", "5.8", "14.1")]
public sealed class LosesTheEnd(TimeProvider clock) : RewritingStore(clock)
{
    protected override Conversation Shown(Conversation conversation) => conversation with { EndedAt = null };
}

[Breaks("ends the conversation pointed to although it is archived", "5.9")]
public sealed class EndsWhatIsArchived(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default)
    {
        if (command.Current == CurrentConversationRule.End && await Inner.GetCurrentAsync(command.Scope, cancellationToken) is { IsActive: false } old)
            await Inner.UpdateConversationAsync(old.Id, Host, new ConversationChange { Status = ConversationStatus.Ended }, cancellationToken);
        return await base.CreateConversationAsync(command, cancellationToken);
    }
}

[Breaks("leaves active the conversation pointed to that it was to end", "5.9")]
public sealed class ReplacesInsteadOfEnding(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default) =>
        base.CreateConversationAsync(command with { Current = command.Current == CurrentConversationRule.End ? CurrentConversationRule.Replace : command.Current }, cancellationToken);
}

[Breaks("compares the expected position with that of the input", "5.7")]
public sealed class ExpectsThePositionOfTheInput(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) => command with { ExpectedLastPosition = command.ExpectedLastPosition - 1 };
}
