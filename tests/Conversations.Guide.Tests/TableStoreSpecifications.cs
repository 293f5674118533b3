using Conversations.StoreSpecification;
using Guide.WriteAStore;

[assembly: StoreLacks(typeof(PersistenceSpecification<>), "the store of the guide keeps its data in memory")]
[assembly: StoreLacks(typeof(SharedDataSpecification<>), "the store of the guide keeps its data in memory")]
[assembly: StoreLacks(typeof(LockedDataSpecification<>), "the store of the guide keeps its data in memory")]
[assembly: StoreLacks(typeof(VersionSpecification<>), "the store of the guide keeps its data in memory")]
[assembly: StoreLacks(typeof(MigrationSpecification<>), "the store of the guide keeps its data in memory")]
[assembly: StoreLacks(typeof(StreamSpecification<>), "the guide shows no optional feature")]
[assembly: StoreLacks(typeof(UsageSpecification<>), "the guide shows no optional feature")]
[assembly: StoreLacks(typeof(MessageDataSpecification<>), "the guide shows no optional feature")]
[assembly: StoreLacks(typeof(FeedbackSpecification<>), "the guide shows no optional feature")]

namespace Conversations.Guide.Tests;

/// <summary>The store of docs/guide/write-a-store.md passes the specification kit.</summary>
public sealed class TableStoreCoverage
{
    [Fact]
    public void Store_of_the_guide_runs_every_specification() => StoreSpecificationCoverage.MissingFrom(typeof(TableStoreCoverage).Assembly).Should().BeEmpty();
}

public sealed class TableStoreAccess : AccessSpecification<TableStoreFixture>;

public sealed class TableStoreCancellation : CancellationSpecification<TableStoreFixture>;

public sealed class TableStoreConditionalWrite : ConditionalWriteSpecification<TableStoreFixture>;

public sealed class TableStoreConversation : ConversationSpecification<TableStoreFixture>;

public sealed class TableStoreCopy : CopySpecification<TableStoreFixture>;

public sealed class TableStoreDeletion : DeletionSpecification<TableStoreFixture>;

public sealed class TableStoreDisposal : DisposalSpecification<TableStoreFixture>;

public sealed class TableStoreIdempotencyKey : IdempotencyKeySpecification<TableStoreFixture>;

public sealed class TableStoreListing : ListingSpecification<TableStoreFixture>;

public sealed class TableStoreMessage : MessageSpecification<TableStoreFixture>;

public sealed class TableStoreMessagePage : MessagePageSpecification<TableStoreFixture>;

public sealed class TableStoreRace : RaceSpecification<TableStoreFixture>;

public sealed class TableStoreRun : RunSpecification<TableStoreFixture>;

public sealed class TableStoreScope : ScopeSpecification<TableStoreFixture>;

public sealed class TableStoreValue : ValueSpecification<TableStoreFixture>;

public sealed class TableStoreWindow : WindowSpecification<TableStoreFixture>;
