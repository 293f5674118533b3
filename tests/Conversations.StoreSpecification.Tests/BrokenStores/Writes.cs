using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("4.3")]
public sealed class KeepsReplacedRuns(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        var writes = new List<ConversationWrite>();
        foreach (var write in batch.Conversations)
        {
            var conversation = write.Conversation.Conversation;
            var runs = await Inner.ReadRunsAsync(new RunRange { Access = HostOf(conversation.Project), ConversationId = conversation.Id, Limit = int.MaxValue }, cancellationToken);
            var closed = runs.Where(run => run.Run.Status != RunStatus.Running).Select(run => run.Run.Number).ToHashSet();
            writes.Add(write with { Runs = [.. write.Runs.Where(run => !closed.Contains(run.Run.Number))] });
        }

        return await base.TryWriteAsync(batch with { Conversations = writes }, cancellationToken);
    }
}

[Breaks("4.4")]
public sealed class SupersedesWhatAnotherRunSuperseded(TimeProvider clock) : BrokenStore(clock)
{
    protected override ConversationWrite Changed(ConversationWrite write) =>
        write with { Superseded = [.. write.Superseded.SelectMany(change => new[] { change with { Expected = 7 }, change with { Expected = 8 }, change with { Expected = null } })] };
}

[Breaks("4.4")]
public sealed class SupersedesMessagesOfTheBatch(TimeProvider clock) : BrokenStore(clock)
{
    protected override ConversationWrite Changed(ConversationWrite write) => write with
    {
        Messages = [.. write.Messages.Select(message => write.Superseded.FirstOrDefault(change => message.Position >= change.From && message.Position <= change.Through) is { } change
            ? message with { SupersededBy = change.Value }
            : message)],
    };
}

[Breaks("6.3")]
public sealed class KeepsKeysOfDeletedConversations(TimeProvider clock) : BrokenStore(clock)
{
    private readonly HashSet<string> _keys = [];

    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        foreach (var run in await Inner.ReadRunsAsync(new RunRange { Access = access, ConversationId = conversationId, Limit = int.MaxValue }, cancellationToken))
            _keys.Add(run.Run.IdempotencyKey ?? "");
        return await base.DeleteConversationAsync(conversationId, access, cancellationToken);
    }

    public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default) =>
        !batch.Conversations.Any(write => write.Conversation.OpenRun?.Run.IdempotencyKey is { } key && _keys.Contains(key))
        && await base.TryWriteAsync(batch, cancellationToken);
}

[Breaks("7.2")]
public sealed class KeepsPointerToDeletedConversation(TimeProvider clock) : BrokenStore(clock)
{
    private readonly HashSet<string> _scopes = [];

    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        var state = await Inner.LoadAsync(new ConversationLookup { Access = access, ConversationId = conversationId }, cancellationToken);
        _scopes.Add(state.Conversation?.Conversation.SessionId ?? "");
        return await base.DeleteConversationAsync(conversationId, access, cancellationToken);
    }

    public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default) =>
        (batch.PointerChange is not { Expected: null } || !_scopes.Contains(batch.Scope!.SessionId)) && await base.TryWriteAsync(batch, cancellationToken);
}

[Breaks("11.1")]
public sealed class LeavesMessagesOfDeletedConversation(TimeProvider clock) : BrokenStore(clock)
{
    private readonly Dictionary<string, IReadOnlyList<StoredMessage>> _left = [];

    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        _left[conversationId] = await Inner.ReadMessagesAsync(new MessageRange { Access = access, ConversationId = conversationId, Limit = int.MaxValue }, cancellationToken);
        return await base.DeleteConversationAsync(conversationId, access, cancellationToken);
    }

    public override async ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default) =>
        [.. _left.GetValueOrDefault(range.ConversationId) ?? [], .. await base.ReadMessagesAsync(range, cancellationToken)];
}

[Breaks("11.1")]
public sealed class DeletesTwice(TimeProvider clock) : BrokenStore(clock)
{
    private readonly HashSet<string> _deleted = [];

    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        (await base.DeleteConversationAsync(conversationId, access, cancellationToken) && _deleted.Add(conversationId)) || _deleted.Contains(conversationId);
}

[Breaks("11.2")]
public sealed class RemovesAllSummaries(TimeProvider clock) : BrokenStore(clock)
{
    protected override ConversationWrite Changed(ConversationWrite write) => write.DropSummariesFrom is null ? write : write with { DropSummariesFrom = 0 };
}

[Breaks("10.1")]
public sealed class IgnoresCanceledTokens(TimeProvider clock) : BrokenStore(clock)
{
    public override ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default) => base.TryWriteAsync(batch, CancellationToken.None);
}

[Breaks("10.1")]
public sealed class ThrowsAfterCanceledWrite(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        var isWritten = await base.TryWriteAsync(batch, CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        return isWritten;
    }
}

[Breaks("10.1")]
public sealed class BlocksItsCallers(TimeProvider clock) : BrokenStore(clock)
{
    private readonly Lock _gate = new();

    public override ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        // The copies are made under the lock, and the batch is applied without waiting.
        lock (_gate)
            return base.TryWriteAsync(batch, cancellationToken);
    }
}

[Breaks("12.2")]
public sealed class RemainsUsableAfterDisposal(TimeProvider clock) : BrokenStore(clock)
{
    protected override ValueTask DisposeAsyncCore() => ValueTask.CompletedTask;

    protected override void Dispose(bool disposing)
    {
        // The inner store remains open.
    }
}

[Breaks("12.2")]
public sealed class ThrowsWhenDisposedTwice(TimeProvider clock) : BrokenStore(clock)
{
    private bool _isDisposed;

    protected override void Dispose(bool disposing)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _isDisposed = true;
        base.Dispose(disposing);
    }
}
