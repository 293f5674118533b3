using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>Ignores a condition, or checks it some time before it writes.</summary>
public abstract class ForcingStore(TimeProvider clock, bool checksFirst = false) : BrokenStore(clock)
{
    private const int Attempts = 20;

    private readonly Gap _gap = new();

    public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        if (!checksFirst && await base.TryWriteAsync(batch, cancellationToken))
            return true;
        if (checksFirst && !await HoldsAsync(batch))
            return false;
        if (checksFirst)
            await _gap.PassAsync();

        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await base.TryWriteAsync(await ForcedAsync(batch), cancellationToken))
                return true;
        }

        return false;
    }

    /// <summary>Returns the batch with conditions that hold at the moment.</summary>
    protected abstract Task<ConversationBatch> ForcedAsync(ConversationBatch batch);

    /// <summary>Returns whether the condition holds at the moment.</summary>
    protected virtual Task<bool> HoldsAsync(ConversationBatch batch) => Task.FromResult(true);

    protected async Task<ConversationState> CurrentAsync(ConversationScope scope) =>
        await Inner.LoadAsync(new ConversationLookup { Access = HostOf(scope.Project), Scope = scope });

    /// <summary>Returns a batch with the versions that the conversations have, without messages at positions that were used.</summary>
    protected async Task<ConversationBatch> WithCurrentVersionsAsync(ConversationBatch batch, Func<ConversationWrite, bool> isForced)
    {
        var writes = new List<ConversationWrite>();
        foreach (var write in batch.Conversations)
        {
            writes.Add(isForced(write) && await FindAsync(write.Conversation.Conversation) is { } current
                ? write with { Conversation = write.Conversation with { Version = current.Version }, Messages = [.. write.Messages.Where(message => message.Position > current.Conversation.LastPosition)] }
                : write);
        }

        return batch with { Conversations = writes };
    }
}

[Breaks("2.1")]
public sealed class IgnoresVersions(TimeProvider clock) : ForcingStore(clock)
{
    protected override Task<ConversationBatch> ForcedAsync(ConversationBatch batch) => WithCurrentVersionsAsync(batch, write => write.Conversation.Version > 0);
}

[Breaks("2.1")]
public sealed class IgnoresTokens(TimeProvider clock) : ForcingStore(clock)
{
    protected override Task<ConversationBatch> ForcedAsync(ConversationBatch batch) =>
        Task.FromResult(batch with { Conversations = [.. batch.Conversations.Select(write => write with { ExpectedToken = null })] });
}

[Breaks("2.2")]
public sealed class OverwritesExistingIds(TimeProvider clock) : ForcingStore(clock)
{
    protected override Task<ConversationBatch> ForcedAsync(ConversationBatch batch) => WithCurrentVersionsAsync(batch, write => write.Conversation.Version == 0);
}

[Breaks("2.4")]
public sealed class ChecksVersionsBeforeItWrites(TimeProvider clock) : ForcingStore(clock, checksFirst: true)
{
    protected override async Task<bool> HoldsAsync(ConversationBatch batch)
    {
        foreach (var write in batch.Conversations)
        {
            if (((await FindAsync(write.Conversation.Conversation))?.Version ?? 0) != write.Conversation.Version)
                return false;
        }

        return true;
    }

    protected override Task<ConversationBatch> ForcedAsync(ConversationBatch batch) => WithCurrentVersionsAsync(batch, _ => true);
}

[Breaks("4.2")]
public sealed class IgnoresUsedPositions(TimeProvider clock) : ForcingStore(clock)
{
    protected override Task<ConversationBatch> ForcedAsync(ConversationBatch batch) => WithCurrentVersionsAsync(batch, write => write.Messages.Count > 0);
}

/// <summary>Checks that a position is free, and not that it is above those that were used.</summary>
[Breaks("4.2")]
public sealed class AllowsSkippedPositions(TimeProvider clock) : BrokenStore(clock)
{
    private readonly HashSet<(string, long)> _used = [];

    public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        var positions = batch.Conversations.SelectMany(write => write.Messages.Select(message => (write.Conversation.Conversation.Id, message.Position))).ToList();
        var areFree = positions.Distinct().Count() == positions.Count && !_used.Overlaps(positions);
        var isWritten = await base.TryWriteAsync(batch, cancellationToken)
            || (areFree && await base.TryWriteAsync(batch with { Conversations = [.. batch.Conversations.Select(write => write with { Messages = [] })] }, cancellationToken));
        if (isWritten)
            _used.UnionWith(positions);
        return isWritten;
    }
}

/// <summary>Removes the keys of a batch that is refused, and applies it.</summary>
public abstract class KeyForcingStore(TimeProvider clock, bool checksFirst) : ForcingStore(clock, checksFirst)
{
    protected override Task<ConversationBatch> ForcedAsync(ConversationBatch batch) =>
        Task.FromResult(batch with { Conversations = [.. batch.Conversations.Select(WithoutKeys)] });

    private static ConversationWrite WithoutKeys(ConversationWrite write) => write with
    {
        Conversation = write.Conversation.OpenRun is { } open
            ? write.Conversation with { OpenRun = open with { Run = open.Run with { IdempotencyKey = null } } }
            : write.Conversation,
        Runs = [.. write.Runs.Select(run => run with { Run = run.Run with { IdempotencyKey = null } })],
    };
}

[Breaks("6.1")]
public sealed class AllowsKeysTwice(TimeProvider clock) : KeyForcingStore(clock, checksFirst: false);

[Breaks("6.1", "2.4")]
public sealed class ChecksKeysBeforeItWrites(TimeProvider clock) : KeyForcingStore(clock, checksFirst: true)
{
    protected override async Task<bool> HoldsAsync(ConversationBatch batch) =>
        batch.Conversations[0].Conversation is not { OpenRun.Run: { IdempotencyKey: { } key } run } conversation
        || (await Inner.LoadAsync(new ConversationLookup
        {
            Access = HostOf(conversation.Conversation.Project),
            Scope = ConversationScope.Parse(conversation.Conversation.SessionId),
            Key = new RequestKey(run.Caller ?? "", key),
        })).KeyedRun is null;
}

[Breaks("7.1")]
public sealed class IgnoresExpectedPointer(TimeProvider clock) : ForcingStore(clock)
{
    protected override async Task<ConversationBatch> ForcedAsync(ConversationBatch batch) => batch.PointerChange is null
        ? batch
        : batch with { PointerChange = batch.PointerChange with { Expected = (await CurrentAsync(batch.Scope!)).Conversation?.Conversation.Id } };
}

[Breaks("7.1")]
public sealed class ChecksPointerBeforeItWrites(TimeProvider clock) : ForcingStore(clock, checksFirst: true)
{
    protected override async Task<bool> HoldsAsync(ConversationBatch batch) =>
        batch.PointerChange is null || (await CurrentAsync(batch.Scope!)).Conversation?.Conversation.Id == batch.PointerChange.Expected;

    protected override async Task<ConversationBatch> ForcedAsync(ConversationBatch batch) => batch.PointerChange is null
        ? batch
        : batch with { PointerChange = batch.PointerChange with { Expected = (await CurrentAsync(batch.Scope!)).Conversation?.Conversation.Id } };
}

[Breaks("2.3")]
public sealed class CountsVersionsFrom2(TimeProvider clock) : BrokenStore(clock)
{
    protected override StoredConversation Changed(StoredConversation conversation) => conversation with { Version = conversation.Version + 1 };

    protected override ConversationWrite Changed(ConversationWrite write) =>
        write.Conversation.Version == 0 ? write : write with { Conversation = write.Conversation with { Version = write.Conversation.Version - 1 } };
}

[Breaks("2.4")]
public sealed class WritesConversationsOneByOne(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        var isWritten = true;
        foreach (var write in batch.Conversations)
            isWritten &= await base.TryWriteAsync(batch with { Conversations = [write], PointerChange = null }, cancellationToken);
        return isWritten && (batch.PointerChange is null || await base.TryWriteAsync(batch, cancellationToken));
    }
}

[Breaks("2.4", "2.6")]
public sealed class WritesUntilItFails(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        Exception? failure = null;
        List<StoredMessage> Read(IEnumerable<StoredMessage> messages)
        {
            var read = new List<StoredMessage>();
            try
            {
                foreach (var message in messages)
                    read.Add(message);
            }
            catch (InvalidOperationException exception)
            {
                failure = exception;
            }

            return read;
        }

        var isWritten = await base.TryWriteAsync(batch with { Conversations = [.. batch.Conversations.Select(write => write with { Messages = Read(write.Messages) })] }, cancellationToken);
        return failure is null ? isWritten : throw failure;
    }
}
