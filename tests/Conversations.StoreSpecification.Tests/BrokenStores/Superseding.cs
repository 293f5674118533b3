using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("shows superseded messages in a window", "7.2")]
public sealed class ShowsSupersededMessagesInAWindow(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default)
    {
        var page = new MessageRange { ConversationId = query.ConversationId, Access = query.Access, NewestFirst = true, After = query.Before, Limit = int.MaxValue };
        var meant = (await Inner.ReadMessagesAsync(page, cancellationToken)).Where(message => message.Kind != MessageKind.Error);
        return [.. meant.Take(query.Limit).Reverse()];
    }
}

[Breaks("counts superseded messages in a window, and their tokens, before it passes over them", "7.2", "7.4")]
public sealed class CountsSupersededMessagesInAWindow(TimeProvider clock) : ChoosingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default)
    {
        var right = await base.ReadWindowAsync(query with { TokenLimit = null }, cancellationToken);
        var page = new MessageRange { ConversationId = query.ConversationId, Access = query.Access, NewestFirst = true, After = query.Before, Limit = query.Limit };
        IEnumerable<ConversationMessage> counted = await Inner.ReadMessagesAsync(page, cancellationToken);
        var fitting = (query.TokenLimit is { } limit ? Choose(counted, limit) : counted).Select(message => message.Position).ToHashSet();
        return [.. right.Where(message => fitting.Contains(message.Position))];
    }
}

[Breaks("gives current messages only", "8.1")]
public sealed class HidesSupersededMessages(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
        base.ReadMessagesAsync(query with { CurrentOnly = true }, cancellationToken);
}

[Breaks("counts superseded messages on a page of current ones before it passes over them", "8.1")]
public sealed class CountsSupersededMessagesOnAPage(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
        [.. (await base.ReadMessagesAsync(query with { CurrentOnly = false }, cancellationToken)).Where(message => !(query.CurrentOnly && message.IsSuperseded))];
}

[Breaks("keeps what a message that goes in says of its being superseded", "19.2")]
public sealed class KeepsWhatAMessageSaysOfItself(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, long> _said = new(StringComparer.Ordinal);

    protected override ConversationMessage Written(ConversationMessage message)
    {
        if (message.SupersededBy is { } by)
            _said[message.Text] = by;
        return message;
    }

    protected override ConversationMessage Shown(ConversationMessage message) =>
        message.SupersededBy is null && _said.TryGetValue(message.Text, out var by) ? message with { SupersededBy = by } : message;
}

[Breaks("supersedes nothing", "19.2", "19.5", "7.2", "8.1")]
public sealed class SupersedesNothing(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        base.CommitTurnAsync(command with { SupersedeFrom = null }, cancellationToken);
}

[Breaks("supersedes what stands after the position, but not at it", "19.2")]
public sealed class SupersedesAfterThePosition(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        base.CommitTurnAsync(command with { SupersedeFrom = command.SupersedeFrom is < long.MaxValue and var from ? from + 1 : null }, cancellationToken);
}

[Breaks("takes the position to supersede from for one of 32 bits", "19.2")]
public sealed class SupersedesIn32Bits(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        base.CommitTurnAsync(command with { SupersedeFrom = command.SupersedeFrom is { } from ? unchecked((int)from) : null }, cancellationToken);
}

[Breaks("supersedes its own messages with the rest", "19.2")]
public sealed class SupersedesItsOwnMessages(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        base.CommitTurnAsync(command with { AreSuperseded = command.AreSuperseded || command.SupersedeFrom is not null }, cancellationToken);
}

[Breaks("supersedes messages of the assistant only", "19.2")]
public sealed class SupersedesAnswersOnly(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationMessage Shown(ConversationMessage message) =>
        message.Role == MessageRole.Assistant ? message : message with { SupersededBy = null };
}

[Breaks("supersedes anew what was superseded before", "19.2", "19.3")]
public sealed class SupersedesAnew(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, (long From, long By)> _last = new(StringComparer.Ordinal);

    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        var committed = await base.CommitTurnAsync(command, cancellationToken);
        if (committed && command.SupersedeFrom is { } from)
            _last[command.Lease.ConversationId] = (from, command.Lease.Fence);
        return committed;
    }

    protected override ConversationMessage Shown(ConversationMessage message) =>
        message.IsSuperseded && _last.TryGetValue(message.ConversationId!, out var last) && message.Position >= last.From ? message with { SupersededBy = last.By } : message;
}

/// <summary>A right store that can supersede and restore in a turn of its own.</summary>
public abstract class SelfSupersedingStore(TimeProvider clock) : RewritingStore(clock)
{
    protected async ValueTask CommitAnotherAsync(string conversationId, CommitTurnCommand command)
    {
        if (await Inner.GetConversationAsync(conversationId, Host) is not { } conversation || (await AllMessagesAsync(conversationId)).FirstOrDefault(message => !message.IsSuperseded) is not { } any)
            return;

        var outcome = await Inner.BeginTurnAsync(new BeginTurnCommand
        {
            Access = Host,
            Agent = conversation.Agent,
            ConversationId = conversation.Id,
            NewConversationId = conversation.Id,
            InputAgain = new MessageSpan(any.Position, 1),
            Input = [],
            Caller = "",
            LeaseDuration = TimeSpan.FromMinutes(1),
        });
        if (outcome is TurnBegun begun)
            await Inner.CommitTurnAsync(command with { Lease = begun.Lease, Messages = [] });
    }
}

[Breaks("supersedes also with a commit that it refuses", "19.2", "4.4")]
public sealed class SupersedesWithARefusedCommit(TimeProvider clock) : SelfSupersedingStore(clock)
{
    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        var committed = await base.CommitTurnAsync(command, cancellationToken);
        if (!committed)
            await CommitAnotherAsync(command.Lease.ConversationId, command);
        return committed;
    }
}

[Breaks("restores nothing", "19.3", "19.5", "19.6")]
public sealed class RestoresNothing(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        base.CommitTurnAsync(command with { Restore = null }, cancellationToken);
}

[Breaks("restores what any run superseded, not only the one that was named", "19.3", "19.5")]
public sealed class RestoresEverything(TimeProvider clock) : SelfSupersedingStore(clock)
{
    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        var id = command.Lease.ConversationId;
        var runs = (await AllMessagesAsync(id)).Select(message => message.SupersededBy).OfType<long>().Distinct().ToList();
        var committed = await base.CommitTurnAsync(command, cancellationToken);
        if (!committed || command.Restore is null)
            return committed;

        foreach (var run in runs)
            await CommitAnotherAsync(id, new CommitTurnCommand { Lease = command.Lease, Restore = run, Status = RunStatus.Cancelled });
        return committed;
    }
}

[Breaks("leaves current what a commit says is superseded from the beginning", "19.4", "19.3")]
public sealed class LeavesHalfAnAnswerCurrent(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        base.CommitTurnAsync(command with { AreSuperseded = false }, cancellationToken);
}

[Breaks("takes superseding for activity", "19.6")]
public sealed class TakesSupersedingForActivity(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _supersededAt = new(StringComparer.Ordinal);

    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (command.SupersedeFrom is not null)
            _supersededAt[command.Lease.ConversationId] = Now;
        return base.CommitTurnAsync(command, cancellationToken);
    }

    protected override Conversation Shown(Conversation conversation) =>
        _supersededAt.TryGetValue(conversation.Id, out var at) ? conversation with { LastActivityAt = at } : conversation;
}

[Breaks("counts current messages only", "19.6")]
public sealed class CountsCurrentMessagesOnly(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<Conversation?> GetConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        var superseded = (await AllMessagesAsync(conversationId)).Count(message => message.IsSuperseded);
        return await base.GetConversationAsync(conversationId, access, cancellationToken) is { } conversation ? conversation with { MessageCount = conversation.MessageCount - superseded } : null;
    }
}

[Breaks("forgets what a conversation was forked from", "19.7")]
public sealed class ForgetsWhatAForkIsOf(TimeProvider clock) : RewritingStore(clock)
{
    protected override Conversation Shown(Conversation conversation) => conversation with { ForkedFrom = null };
}

[Breaks("keeps the summaries that cover what is superseded", "19.6", "18.3")]
public sealed class KeepsSummariesOfSupersededMessages(TimeProvider clock) : SummaryHoardingStore(clock)
{
    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        var newest = await NewestAsync(command.Lease.ConversationId);
        var committed = await base.CommitTurnAsync(command, cancellationToken);
        if (newest?.Through >= command.SupersedeFrom)
            Keep(newest);
        return committed;
    }
}

[Breaks("forgets what was superseded when it is closed", "19.2", "3.2")]
public sealed class ForgetsWhatWasSuperseded : KeptFixture
{
    protected override IConversationStore Open(IConversationStore data) => new Forgetful(data);

    private sealed class Forgetful(IConversationStore data) : KeptStore(data)
    {
        private readonly HashSet<long> _committed = [];

        public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
        {
            _committed.Add(command.Lease.Fence);
            return base.CommitTurnAsync(command, cancellationToken);
        }

        public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
            [.. (await base.ReadMessagesAsync(query, cancellationToken)).Select(message => message.SupersededBy is { } by && !_committed.Contains(by) ? message with { SupersededBy = null } : message)];
    }
}
