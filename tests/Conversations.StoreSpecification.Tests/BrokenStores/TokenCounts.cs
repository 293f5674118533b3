using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("forgets what messages cost", "10.1")]
public sealed class ForgetsTokenCounts(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationMessage Written(ConversationMessage message) => message with { Tokens = null };
}

[Breaks("takes every count for one of its own counter", "10.1")]
public sealed class ForgetsTheCounter(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationMessage Shown(ConversationMessage message) =>
        message.Tokens is { } tokens ? message with { Tokens = tokens with { Counter = "o200k_base" } } : message;
}

[Breaks("leaves the token counts of stored messages as they are", "4.8")]
public sealed class IgnoresRecounts(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        base.CommitTurnAsync(command with { Recounts = [] }, cancellationToken);
}

[Breaks("takes a message that was counted anew for a partial one", "4.8")]
public sealed class ChangesWhatItRecounts(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<(string, long), bool> _recounted = [];

    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        foreach (var recount in command.Recounts)
            _recounted[(command.Lease.ConversationId, recount.Position)] = true;
        return await base.CommitTurnAsync(command, cancellationToken);
    }

    protected override ConversationMessage Shown(ConversationMessage message) =>
        _recounted.ContainsKey((message.ConversationId!, message.Position)) ? message with { IsPartial = true } : message;
}

[Breaks("refuses a commit that counts a message anew which is not there", "4.8")]
public sealed class RefusesRecountsOfNothing(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        var positions = (await AllMessagesAsync(command.Lease.ConversationId)).Select(message => message.Position).ToHashSet();
        return command.Recounts.All(recount => positions.Contains(recount.Position)) && await base.CommitTurnAsync(command, cancellationToken);
    }
}

[Breaks("counts the messages anew that the commit itself appends", "4.8", "10.1")]
public sealed class RecountsWhatItAppends(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        var first = (await Inner.GetConversationAsync(command.Lease.ConversationId, Host, cancellationToken))?.LastPosition + 1;
        var messages = command.Messages.Select((message, index) =>
            command.Recounts.LastOrDefault(recount => recount.Position == first + index) is { } recount ? message with { Tokens = recount.Tokens } : message);
        return await base.CommitTurnAsync(command with { Messages = [.. messages] }, cancellationToken);
    }
}

[Breaks("counts messages anew, and then finds that the lease is not held", "4.8", "4.4")]
public sealed class RecountsBeforeItLooks(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<(string, long), TokenAmount> _recounts = [];

    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        foreach (var recount in command.Recounts)
            _recounts[(command.Lease.ConversationId, recount.Position)] = recount.Tokens;
        return base.CommitTurnAsync(command, cancellationToken);
    }

    protected override ConversationMessage Shown(ConversationMessage message) =>
        _recounts.TryGetValue((message.ConversationId!, message.Position), out var tokens) ? message with { Tokens = tokens } : message;
}

[Breaks("takes it for activity when messages are counted anew", "8.5", "4.8")]
public sealed class TakesRecountsForActivity(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _recountedAt = new(StringComparer.Ordinal);

    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (command.Recounts.Count > 0)
            _recountedAt[command.Lease.ConversationId] = Now;
        return base.CommitTurnAsync(command, cancellationToken);
    }

    protected override Conversation Shown(Conversation conversation) =>
        _recountedAt.TryGetValue(conversation.Id, out var recountedAt) ? conversation with { LastActivityAt = recountedAt } : conversation;
}

[Breaks("runs a request again that waits for results", "6.3")]
public sealed class RunsAgainWhatWaits(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<long, bool> _waiting = [];

    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (command.Status != RunStatus.RequiresAction)
            return base.CommitTurnAsync(command, cancellationToken);

        _waiting[command.Lease.Fence] = true;
        return base.CommitTurnAsync(command with { Status = RunStatus.Failed }, cancellationToken);
    }

    protected override ConversationRun Shown(ConversationRun run) => _waiting.ContainsKey(run.Number) ? run with { Status = RunStatus.RequiresAction } : run;
}
