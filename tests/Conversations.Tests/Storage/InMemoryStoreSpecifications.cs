using Conversations.Storage;
using Conversations.StoreSpecification;

[assembly: StoreLacks(typeof(PersistenceSpecification<>), "the data of the in-memory store end with the store")]
[assembly: StoreLacks(typeof(SharedDataSpecification<>), "the data of the in-memory store belong to one store")]
[assembly: StoreLacks(typeof(LockedDataSpecification<>), "the data of the in-memory store belong to one store")]
[assembly: StoreLacks(typeof(VersionSpecification<>), "the data of the in-memory store end with the store")]
[assembly: StoreLacks(typeof(MigrationSpecification<>), "the data of the in-memory store end with the store")]

namespace Conversations.Tests.Storage;

public sealed class InMemoryAccess : AccessSpecification<InMemoryFixture>;

public sealed class InMemoryCancellation : CancellationSpecification<InMemoryFixture>;

public sealed class InMemoryConditionalWrites : ConditionalWriteSpecification<InMemoryFixture>;

public sealed class InMemoryConversations : ConversationSpecification<InMemoryFixture>;

public sealed class InMemoryCopies : CopySpecification<InMemoryFixture>;

public sealed class InMemoryDeletion : DeletionSpecification<InMemoryFixture>;

public sealed class InMemoryDisposal : DisposalSpecification<InMemoryFixture>;

public sealed class InMemoryIdempotencyKeys : IdempotencyKeySpecification<InMemoryFixture>;

public sealed class InMemoryListings : ListingSpecification<InMemoryFixture>;

public sealed class InMemoryMessages : MessageSpecification<InMemoryFixture>;

public sealed class InMemoryMessagePages : MessagePageSpecification<InMemoryFixture>;

public sealed class InMemoryRaces : RaceSpecification<InMemoryFixture>;

public sealed class InMemoryRuns : RunSpecification<InMemoryFixture>;

public sealed class InMemoryScopes : ScopeSpecification<InMemoryFixture>;

public sealed class InMemoryValues : ValueSpecification<InMemoryFixture>;

public sealed class InMemoryWindows : WindowSpecification<InMemoryFixture>;

public sealed class InMemoryStreams : StreamSpecification<InMemoryFixture>;

public sealed class InMemoryUsageSums : UsageSpecification<InMemoryFixture>;

public sealed class InMemoryMessageData : MessageDataSpecification<InMemoryFixture>;

public sealed class InMemoryFeedback : FeedbackSpecification<InMemoryFixture>;

public sealed class InMemoryFixture : StoreFixture
{
    public override ValueTask<IConversationStore> CreateAsync(TimeProvider timeProvider) => new(new InMemoryConversationStore(timeProvider));
}
