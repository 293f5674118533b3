using Conversations.Storage;
using Conversations.StoreSpecification;

[assembly: AssemblyFixture(typeof(Conversations.Sqlite.Tests.SpecifiedStores))]

namespace Conversations.Sqlite.Tests;

public sealed class SqliteTurns(SpecifiedStores stores) : TurnSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => stores.CreateAsync(timeProvider);
}

public sealed class SqliteLeases(SpecifiedStores stores) : LeaseSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => stores.CreateAsync(timeProvider);
}

public sealed class SqliteIdempotency(SpecifiedStores stores) : IdempotencySpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => stores.CreateAsync(timeProvider);
}

public sealed class SqliteCurrentConversations(SpecifiedStores stores) : CurrentConversationSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => stores.CreateAsync(timeProvider);
}

public sealed class SqliteConversations(SpecifiedStores stores) : ConversationSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => stores.CreateAsync(timeProvider);
}

public sealed class SqliteWindows(SpecifiedStores stores) : WindowSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => stores.CreateAsync(timeProvider);
}

public sealed class SqliteMessagePages(SpecifiedStores stores) : MessagePageSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => stores.CreateAsync(timeProvider);
}

public sealed class SqliteListings(SpecifiedStores stores) : ListingSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => stores.CreateAsync(timeProvider);
}

public sealed class SqliteAccess(SpecifiedStores stores) : AccessSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => stores.CreateAsync(timeProvider);
}

public sealed class SqliteDeletion(SpecifiedStores stores) : DeletionSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => stores.CreateAsync(timeProvider);
}

public sealed class SqliteTexts(SpecifiedStores stores) : TextSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => stores.CreateAsync(timeProvider);
}

public sealed class SqliteParts(SpecifiedStores stores) : PartSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => stores.CreateAsync(timeProvider);
}

public sealed class SqliteCopies(SpecifiedStores stores) : CopySpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => stores.CreateAsync(timeProvider);
}

public sealed class SqliteCancellation(SpecifiedStores stores) : CancellationSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => stores.CreateAsync(timeProvider);
}

public sealed class SqliteDisposal(SpecifiedStores stores) : DisposalSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => stores.CreateAsync(timeProvider);
}

public sealed class SqliteTimes(SpecifiedStores stores) : TimeSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => stores.CreateAsync(timeProvider);
}

public sealed class SqliteRaces(SpecifiedStores stores) : RaceSpecification
{
    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => stores.CreateAsync(timeProvider);
}

/// <summary>Makes empty stores, and deletes their files when all tests are done.</summary>
public sealed class SpecifiedStores : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _last;

    public ValueTask<IConversationStore> CreateAsync(TimeProvider timeProvider) =>
        new(new SqliteConversationStore($"Data Source={_folder.File($"{Interlocked.Increment(ref _last)}.db")}", timeProvider));

    public void Dispose() => _folder.Dispose();
}

public sealed class SpecificationCoverageTests
{
    [Fact]
    public void Every_specification_is_run() =>
        StoreSpecificationCoverage.MissingFrom(typeof(SpecificationCoverageTests).Assembly).Should().BeEmpty();
}
