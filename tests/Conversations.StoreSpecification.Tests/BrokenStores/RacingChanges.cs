using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks(
    "turns a new conversation away when another became the current one meanwhile",
    "5.3",
    Races = [nameof(RaceSpecification<>.Begin_by_many_of_new_conversations_creates_them_all_and_one_is_current)])]
public sealed class TurnsNewOnesAway(TimeProvider clock) : RewritingStore(clock)
{
    private readonly Gap _gap = new();

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (command is not { StartNew: true, Scope: { } scope })
            return await base.BeginTurnAsync(command, cancellationToken);

        var before = (await Inner.GetCurrentAsync(scope, cancellationToken))?.Id;
        await _gap.PassAsync();
        return await Inner.GetCurrentAsync(scope, cancellationToken) is { } current && current.Id != before
            ? new TurnLocked(current.Id, 0, command.LeaseDuration)
            : await base.BeginTurnAsync(command, cancellationToken);
    }
}

[Breaks(
    "looks whether a scope has a current conversation to keep, and then points to the new one, whoever became it meanwhile",
    "5.3",
    Races = [nameof(RaceSpecification<>.Create_by_many_to_keep_the_current_one_points_to_one_that_stays)])]
public sealed class KeepsWithoutLookingAgain(TimeProvider clock) : RewritingStore(clock)
{
    private readonly Gap _gap = new();

    public override async ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default)
    {
        if (command.Current != CurrentConversationRule.Keep || await Inner.GetCurrentAsync(command.Scope, cancellationToken) is { IsActive: true })
            return await base.CreateConversationAsync(command, cancellationToken);

        await _gap.PassAsync();
        return await base.CreateConversationAsync(command with { Current = CurrentConversationRule.Replace }, cancellationToken);
    }
}

[Breaks(
    "looks which conversation is to end, and then ends that one, whichever became the current one meanwhile",
    "5.9",
    "5.3",
    Races = [nameof(RaceSpecification<>.Create_by_many_to_end_the_current_one_leaves_one_active)])]
public sealed class EndsWithoutLookingAgain(TimeProvider clock) : RewritingStore(clock)
{
    private readonly Gap _gap = new();

    public override async ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default)
    {
        if (command.Current != CurrentConversationRule.End)
            return await base.CreateConversationAsync(command, cancellationToken);

        var old = await Inner.GetCurrentAsync(command.Scope, cancellationToken);
        await _gap.PassAsync();
        var created = await base.CreateConversationAsync(command with { Current = CurrentConversationRule.Replace }, cancellationToken);
        if (old is { IsActive: true })
            await Inner.UpdateConversationAsync(old.Id, Host, new ConversationChange { Status = ConversationStatus.Ended }, cancellationToken);
        return created;
    }
}

[Breaks(
    "looks whether a conversation is there, and then says that it deleted it, whoever did so meanwhile",
    "13.1",
    Races = [nameof(RaceSpecification<>.Delete_while_turns_begin_leaves_whole_conversations)])]
public sealed class DeletesWithoutLookingAgain(TimeProvider clock) : RewritingStore(clock)
{
    private readonly Gap _gap = new();

    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        var isThere = await Inner.GetConversationAsync(conversationId, access, cancellationToken) is not null;
        await _gap.PassAsync();
        await base.DeleteConversationAsync(conversationId, access, cancellationToken);
        return isThere;
    }
}

[Breaks(
    "looks for the current conversation, and then continues it, though it was deleted meanwhile",
    "5.1",
    "13.1",
    Races = [nameof(RaceSpecification<>.Delete_while_turns_begin_leaves_whole_conversations)])]
public sealed class ContinuesWithoutLookingAgain(TimeProvider clock) : RewritingStore(clock)
{
    private readonly Gap _gap = new();
    private readonly Gap _deletion = new();

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (command.Scope is null || await TargetAsync(command) is not { IsActive: true } current)
            return await base.BeginTurnAsync(command, cancellationToken);

        await _deletion.WaitAsync();
        return await base.BeginTurnAsync(command with { Access = Host, Scope = null, ConversationId = current.Id }, cancellationToken);
    }

    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        // Deleting is right, but lets the turns look first.
        await _gap.PassAsync();
        var deleted = await base.DeleteConversationAsync(conversationId, access, cancellationToken);
        _deletion.Come();
        return deleted;
    }
}

[Breaks(
    "looks whether a message is there, and then counts it as deleted, whoever did so meanwhile",
    "2.4",
    "13.2",
    Races = [nameof(RaceSpecification<>.Delete_of_a_message_by_many_counts_it_once)])]
public sealed class CountsWithoutLookingAgain(TimeProvider clock) : RewritingStore(clock)
{
    private readonly Gap _gap = new();
    private readonly ConcurrentDictionary<string, int> _miscounted = new(StringComparer.Ordinal);

    public override async ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        var all = await Inner.ReadMessagesAsync(new MessageRange { ConversationId = conversationId, Access = access, Limit = int.MaxValue }, cancellationToken);
        var isThere = all.Any(message => message.Position == position);
        await _gap.PassAsync();
        if (!await base.DeleteMessageAsync(conversationId, position, access, cancellationToken) && isThere)
            _miscounted.AddOrUpdate(conversationId, 1, (_, count) => count + 1);
        return isThere;
    }

    protected override Conversation Shown(Conversation conversation) =>
        conversation with { MessageCount = conversation.MessageCount - _miscounted.GetValueOrDefault(conversation.Id) };
}
