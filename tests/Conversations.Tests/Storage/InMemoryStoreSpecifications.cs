using Conversations.Storage;
using Conversations.StoreSpecification;

[assembly: StoreLacks(typeof(PersistenceSpecification<>), "the in-memory store keeps nothing beyond its own life")]
[assembly: StoreLacks(typeof(VersionSpecification<>), "the in-memory store keeps nothing that another version could open")]
[assembly: StoreLacks(typeof(MigrationSpecification<>), "the in-memory store keeps nothing that another version could open")]
[assembly: StoreLacks(typeof(SharedDataSpecification<>), "the in-memory store's data are its own")]

namespace Conversations.Tests.Storage;

public sealed class InMemoryTurns : TurnSpecification<InMemoryFixture>;

public sealed class InMemoryLeases : LeaseSpecification<InMemoryFixture>;

public sealed class InMemoryIdempotency : IdempotencySpecification<InMemoryFixture>;

public sealed class InMemoryRetry : RetrySpecification<InMemoryFixture>;

public sealed class InMemoryCurrentConversations : CurrentConversationSpecification<InMemoryFixture>;

public sealed class InMemoryConversations : ConversationSpecification<InMemoryFixture>;

public sealed class InMemoryWindows : WindowSpecification<InMemoryFixture>;

public sealed class InMemoryMessagePages : MessagePageSpecification<InMemoryFixture>;

public sealed class InMemoryListings : ListingSpecification<InMemoryFixture>;

public sealed class InMemoryAccess : AccessSpecification<InMemoryFixture>;

public sealed class InMemoryDeletion : DeletionSpecification<InMemoryFixture>;

public sealed class InMemoryTexts : TextSpecification<InMemoryFixture>;

public sealed class InMemoryParts : PartSpecification<InMemoryFixture>;

public sealed class InMemoryCopies : CopySpecification<InMemoryFixture>;

public sealed class InMemoryCancellation : CancellationSpecification<InMemoryFixture>;

public sealed class InMemoryDisposal : DisposalSpecification<InMemoryFixture>;

public sealed class InMemoryTimes : TimeSpecification<InMemoryFixture>;

public sealed class InMemoryRaces : RaceSpecification<InMemoryFixture>;

public sealed class InMemoryWaiting : WaitingSpecification<InMemoryFixture>;

public sealed class InMemoryLimits : LimitSpecification<InMemoryFixture>;

public sealed class InMemoryTokens : TokenSpecification<InMemoryFixture>;

public sealed class InMemoryInputAgain : InputAgainSpecification<InMemoryFixture>;

public sealed class InMemorySuperseding : SupersedingSpecification<InMemoryFixture>;

public sealed class InMemoryAnsweredSince : AnsweredSinceSpecification<InMemoryFixture>;

public sealed class InMemorySupersededRuns : SupersededRunSpecification<InMemoryFixture>;

public sealed class InMemoryRunListing : RunListingSpecification<InMemoryFixture>;

public sealed class InMemorySummaries : SummarySpecification<InMemoryFixture>;

public sealed class InMemorySummaryRaces : SummaryRaceSpecification<InMemoryFixture>;

public sealed class InMemoryUsage : UsageSpecification<InMemoryFixture>;

public sealed class InMemoryStreams : StreamSpecification<InMemoryFixture>;

public sealed class InMemoryStreamCalls : StreamCallSpecification<InMemoryFixture>;

public sealed class InMemoryInterruptedStreams : InterruptedStreamSpecification<InMemoryFixture>;

public sealed class InMemoryStreamRaces : StreamRaceSpecification<InMemoryFixture>;

public sealed class InMemoryFixture : StoreFixture
{
    public override ValueTask<IConversationStore> CreateAsync(TimeProvider timeProvider) => new(new InMemoryConversationStore(timeProvider));
}
