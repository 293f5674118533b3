using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("leaves the runs of a deleted conversation", "13.1")]
public sealed class LeavesRunsBehind(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<(string, long), ConversationRun> _left = [];

    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        foreach (var number in (await AllMessagesAsync(conversationId)).Select(message => message.RunNumber).OfType<long>())
        {
            if (await Inner.GetRunAsync(conversationId, number, Host, cancellationToken) is { } run)
                _left[(conversationId, number)] = run;
        }

        return await base.DeleteConversationAsync(conversationId, access, cancellationToken);
    }

    public override async ValueTask<ConversationRun?> GetRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        await base.GetRunAsync(conversationId, number, access, cancellationToken) ?? _left.GetValueOrDefault((conversationId, number));
}

[Breaks("leaves the messages of a deleted conversation", "13.1")]
public sealed class LeavesMessagesBehind(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<ConversationMessage>> _left = [];

    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        _left[conversationId] = await AllMessagesAsync(conversationId);
        return await base.DeleteConversationAsync(conversationId, access, cancellationToken);
    }

    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
        await base.ReadMessagesAsync(query, cancellationToken) is { Count: > 0 } read ? read : _left.GetValueOrDefault(query.ConversationId, []);
}

[Breaks("deletes the conversations of another owner, too", "13.1")]
public sealed class DeletesANeighbour(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        var doomed = await Inner.GetConversationAsync(conversationId, access, cancellationToken);
        foreach (var conversation in await Inner.ListConversationsAsync(new ConversationListing { Access = Host, Limit = int.MaxValue }, cancellationToken))
        {
            if (doomed is not null && conversation.UserId != doomed.UserId)
                await Inner.DeleteConversationAsync(conversation.Id, Host, cancellationToken);
        }

        return await base.DeleteConversationAsync(conversationId, access, cancellationToken);
    }
}

[Breaks("says that it deleted a conversation that was not there", "13.1")]
public sealed class DeletesWhatIsNotThere(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        await base.DeleteConversationAsync(conversationId, access, cancellationToken);
        return true;
    }
}

[Breaks("marks a conversation as archived instead of deleting it", "13.1")]
public sealed class ArchivesInsteadOfDeleting(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        await Inner.UpdateConversationAsync(conversationId, access, new ConversationChange { Status = ConversationStatus.Archived }, cancellationToken) is not null;
}

[Breaks("deletes the messages before the one that is deleted", "13.2")]
public sealed class DeletesTheMessagesBefore(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        foreach (var message in (await AllMessagesAsync(conversationId)).Where(message => message.Position < position))
            await Inner.DeleteMessageAsync(conversationId, message.Position, access, cancellationToken);
        return await base.DeleteMessageAsync(conversationId, position, access, cancellationToken);
    }
}

[Breaks("says that it deleted a message that was not there", "13.2")]
public sealed class DeletesMessagesThatAreNotThere(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        await base.DeleteMessageAsync(conversationId, position, access, cancellationToken);
        return true;
    }
}

[Breaks("deletes the run that wrote a message with it", "13.2")]
public sealed class DeletesTheRunOfAMessage(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<long, bool> _deleted = [];

    public override async ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        foreach (var message in (await AllMessagesAsync(conversationId)).Where(message => message.Position == position && message.RunNumber is not null))
            _deleted[message.RunNumber!.Value] = true;
        return await base.DeleteMessageAsync(conversationId, position, access, cancellationToken);
    }

    public override async ValueTask<ConversationRun?> GetRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        _deleted.ContainsKey(number) ? null : await base.GetRunAsync(conversationId, number, access, cancellationToken);
}

[Breaks("takes the lease of an open turn away when a message is deleted", "13.2")]
public sealed class RevokesTheLeaseAtADeletion(TimeProvider clock) : LeaseWatchingStore(clock)
{
    public override async ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        await RevokeAsync(conversationId);
        return await base.DeleteMessageAsync(conversationId, position, access, cancellationToken);
    }
}

[Breaks("writes the commit of a deleted conversation to the scope's next one", "13.3")]
public sealed class CommitsToTheNextConversation(TimeProvider clock) : LeaseWatchingStore(clock)
{
    private TurnLease? _last;

    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        await base.CommitTurnAsync(command, cancellationToken)
        || (_last is { } last && await Inner.GetConversationAsync(command.Lease.ConversationId, Host, cancellationToken) is null
            && await base.CommitTurnAsync(command with { Lease = last }, cancellationToken));

    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome)
    {
        if (outcome is TurnBegun begun)
            _last = begun.Lease;
        return outcome;
    }
}

[Breaks("brings a deleted conversation back with the commit of its open turn", "13.3")]
public sealed class RevivesWithACommit(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, ConversationScope> _scopes = new(StringComparer.Ordinal);

    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        var id = command.Lease.ConversationId;
        if (_scopes.TryGetValue(id, out var scope) && await Inner.GetConversationAsync(id, Host, cancellationToken) is null)
            await Inner.CreateConversationAsync(new CreateConversationCommand { ConversationId = id, Scope = scope, Messages = command.Messages }, cancellationToken);
        return await base.CommitTurnAsync(command, cancellationToken);
    }

    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome)
    {
        if (outcome is TurnBegun begun && command.Scope is { } scope)
            _scopes[begun.Lease.ConversationId] = scope;
        return outcome;
    }
}
