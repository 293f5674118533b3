using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>A store that loses its connection during writes: the test determines the next writes, and later ones are applied.</summary>
internal sealed class UnsureStore(IConversationStore inner) : DelegatingConversationStore(inner)
{
    private readonly Queue<Func<ConversationBatch, Task<bool>>> _writes = new();

    /// <summary>The batch of the last write.</summary>
    public ConversationBatch? Last { get; private set; }

    /// <summary>The next write is applied, and its outcome is lost.</summary>
    public void LoseAfterWriting() => _writes.Enqueue(async batch =>
    {
        await Inner.TryWriteAsync(batch);
        throw Unknown();
    });

    /// <summary>The next write is not applied, and its outcome is lost.</summary>
    public void LoseBeforeWriting() => _writes.Enqueue(_ => throw Unknown());

    /// <summary>The next write fails with another exception.</summary>
    public void Fail(Exception exception) => _writes.Enqueue(_ => throw exception);

    /// <summary>Something happens before the next write.</summary>
    public void Before(Func<Task> action) => _writes.Enqueue(async batch =>
    {
        await action();
        return await Inner.TryWriteAsync(batch);
    });

    /// <summary>Runs code before the next write, which is not applied and whose outcome is lost.</summary>
    public void BeforeLosing(Func<Task> action) => _writes.Enqueue(async _ =>
    {
        await action();
        throw Unknown();
    });

    public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        if (!_writes.TryDequeue(out var write))
            return await base.TryWriteAsync(batch, cancellationToken);

        Last = batch;
        return await write(batch);
    }

    private static ConversationStoreException Unknown() => new(ConversationErrorCodes.CommitOutcomeUnknown, "The connection was lost.");
}
