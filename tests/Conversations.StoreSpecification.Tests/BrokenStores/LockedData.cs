using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("10.1")]
public sealed class BlocksItsCallersWhileDataAreLocked : KeptFixture
{
    protected override IConversationStore Open(Kept data) => new Blocking(data);

    private sealed class Blocking(Kept data) : KeptStore(data)
    {
        protected override ValueTask WaitAsync(CancellationToken cancellationToken)
        {
            Gate.Wait(cancellationToken);
            return ValueTask.CompletedTask;
        }
    }
}

[Breaks("10.1")]
public sealed class IgnoresTokensWhileDataAreLocked : KeptFixture
{
    protected override IConversationStore Open(Kept data) => new Deaf(data);

    private sealed class Deaf(Kept data) : KeptStore(data)
    {
        protected override ValueTask WaitAsync(CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return base.WaitAsync(CancellationToken.None);
        }
    }
}

[Breaks("10.1")]
public sealed class GivesUpWhileDataAreLocked : KeptFixture
{
    protected override IConversationStore Open(Kept data) => new Hasty(data);

    private sealed class Hasty(Kept data) : KeptStore(data)
    {
        protected override ValueTask WaitAsync(CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Gate.Wait(0, CancellationToken.None) ? ValueTask.CompletedTask : throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "The data are locked.");
        }
    }
}
