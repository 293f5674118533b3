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

internal static class InMemory
{
    public static ValueTask<IConversationStore> CreateAsync(TimeProvider timeProvider) => new(new InMemoryConversationStore(timeProvider));
}
