using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("throws when it is disposed a second time", "15.1")]
public sealed class ThrowsAtTheSecondDisposal(TimeProvider clock) : RewritingStore(clock)
{
    private bool _isDisposed;

    protected override ValueTask DisposeAsyncCore()
    {
        DisposeOnce();
        return base.DisposeAsyncCore();
    }

    protected override void Dispose(bool disposing)
    {
        DisposeOnce();
        base.Dispose(disposing);
    }

    private void DisposeOnce()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _isDisposed = true;
    }
}

[Breaks("goes on as if it had not been disposed", "15.1")]
public sealed class OutlivesItsDisposal(TimeProvider clock) : RewritingStore(clock)
{
    protected override ValueTask DisposeAsyncCore() => ValueTask.CompletedTask;

    protected override void Dispose(bool disposing)
    {
        // It keeps what it should let go.
    }
}

[Breaks("does nothing when it is disposed synchronously", "15.1")]
public sealed class IsDisposedAsynchronouslyOnly(TimeProvider clock) : RewritingStore(clock)
{
    protected override void Dispose(bool disposing)
    {
        // It leaves that to DisposeAsync.
    }
}

[Breaks("finds nothing after it was disposed, instead of throwing", "15.1")]
public sealed class FindsNothingAfterDisposal(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<Conversation?> GetCurrentAsync(ConversationScope scope, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.GetCurrentAsync(scope, cancellationToken);
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }
}

[Breaks("throws when it is disposed without having been used", "15.1")]
public sealed class ThrowsIfItWasNeverUsed(TimeProvider clock) : RewritingStore(clock)
{
    private bool _isUsed;

    protected override BeginTurnCommand Asked(BeginTurnCommand command)
    {
        _isUsed = true;
        return command;
    }

    protected override ValueTask DisposeAsyncCore() =>
        _isUsed ? base.DisposeAsyncCore() : throw new InvalidOperationException("There is nothing to dispose of.");
}
