using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>Makes stores of a type that has a constructor with a clock.</summary>
public sealed class BrokenFixture<TStore> : StoreFixture
    where TStore : IConversationStore
{
    public override ValueTask<IConversationStore> CreateAsync(TimeProvider timeProvider) =>
        new((TStore)Activator.CreateInstance(typeof(TStore), timeProvider)!);
}
