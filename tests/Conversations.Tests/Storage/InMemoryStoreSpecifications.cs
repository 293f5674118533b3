using Conversations.Storage;
using Conversations.StoreSpecification;

namespace Conversations.Tests.Storage;

public sealed class InMemoryTurns : TurnSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => InMemory.CreateAsync(timeProvider);
}

public sealed class InMemoryLeases : LeaseSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => InMemory.CreateAsync(timeProvider);
}

public sealed class InMemoryIdempotency : IdempotencySpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => InMemory.CreateAsync(timeProvider);
}

public sealed class InMemoryCurrentConversations : CurrentConversationSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => InMemory.CreateAsync(timeProvider);
}

public sealed class InMemoryConversations : ConversationSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => InMemory.CreateAsync(timeProvider);
}

public sealed class InMemoryWindows : WindowSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => InMemory.CreateAsync(timeProvider);
}

public sealed class InMemoryMessagePages : MessagePageSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => InMemory.CreateAsync(timeProvider);
}

public sealed class InMemoryListings : ListingSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => InMemory.CreateAsync(timeProvider);
}

public sealed class InMemoryAccess : AccessSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => InMemory.CreateAsync(timeProvider);
}

public sealed class InMemoryDeletion : DeletionSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => InMemory.CreateAsync(timeProvider);
}

public sealed class InMemoryTexts : TextSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => InMemory.CreateAsync(timeProvider);
}

public sealed class InMemoryParts : PartSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => InMemory.CreateAsync(timeProvider);
}

public sealed class InMemoryCopies : CopySpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => InMemory.CreateAsync(timeProvider);
}

public sealed class InMemoryCancellation : CancellationSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => InMemory.CreateAsync(timeProvider);
}

public sealed class InMemoryDisposal : DisposalSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => InMemory.CreateAsync(timeProvider);
}

public sealed class InMemoryTimes : TimeSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => InMemory.CreateAsync(timeProvider);
}

public sealed class InMemoryRaces : RaceSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => InMemory.CreateAsync(timeProvider);
}

internal static class InMemory
{
    public static ValueTask<IConversationStore> CreateAsync(TimeProvider timeProvider) => new(new InMemoryConversationStore(timeProvider));
}
