using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests;

public sealed class InMemoryFixture : StoreFixture
{
    public override ValueTask<IConversationStore> CreateAsync(TimeProvider timeProvider) => new(new InMemoryConversationStore(timeProvider));
}
