using Conversations.Storage;
using Conversations.StoreSpecification;
using Microsoft.Data.Sqlite;

[assembly: StoreLacks(typeof(MigrationSpecification<>), "there is no older version")]

namespace Conversations.Sqlite.Tests;

public sealed class SqliteAccess : AccessSpecification<SqliteFixture>;

public sealed class SqliteCancellation : CancellationSpecification<SqliteFixture>;

public sealed class SqliteConditionalWrites : ConditionalWriteSpecification<SqliteFixture>;

public sealed class SqliteConversations : ConversationSpecification<SqliteFixture>;

public sealed class SqliteCopies : CopySpecification<SqliteFixture>;

public sealed class SqliteDeletion : DeletionSpecification<SqliteFixture>;

public sealed class SqliteDisposal : DisposalSpecification<SqliteFixture>;

public sealed class SqliteIdempotencyKeys : IdempotencyKeySpecification<SqliteFixture>;

public sealed class SqliteListings : ListingSpecification<SqliteFixture>;

public sealed class SqliteLockedData : LockedDataSpecification<SqliteFixture>;

public sealed class SqliteMessages : MessageSpecification<SqliteFixture>;

public sealed class SqliteMessagePages : MessagePageSpecification<SqliteFixture>;

public sealed class SqliteRaces : RaceSpecification<SqliteFixture>;

public sealed class SqliteRuns : RunSpecification<SqliteFixture>;

public sealed class SqliteScopes : ScopeSpecification<SqliteFixture>;

public sealed class SqliteValues : ValueSpecification<SqliteFixture>;

public sealed class SqliteWindows : WindowSpecification<SqliteFixture>;

public sealed class SqliteStreams : StreamSpecification<SqliteFixture>;

public sealed class SqliteUsageSums : UsageSpecification<SqliteFixture>;

public sealed class SqliteMessageData : MessageDataSpecification<SqliteFixture>;

public sealed class SqliteFeedback : FeedbackSpecification<SqliteFixture>;

public sealed class SqlitePersistence : PersistenceSpecification<SqliteFixture>;

public sealed class SqliteSharedData : SharedDataSpecification<SqliteFixture>;

public sealed class SqliteVersions : VersionSpecification<SqliteFixture>;

public sealed class SqliteFixture : VersionedStoreFixture
{
    private readonly TemporaryFolder _folder = new();

    public override ValueTask<IConversationStore> OpenAsync(string name, TimeProvider timeProvider) =>
        new(new SqliteConversationStore($"Data Source={_folder.File($"{name}.db")}", timeProvider));

    public override ValueTask CopyAsync(string name, string copy)
    {
        foreach (var ending in new[] { ".db", ".db-wal" })
            File.Copy(_folder.File(name + ending), _folder.File(copy + ending));
        return ValueTask.CompletedTask;
    }

    public override ValueTask<bool> IsOpenAsync(string name) => new(File.Exists(_folder.File($"{name}.db-wal")));

    public override async ValueTask<IAsyncDisposable> HoldWritesAsync(string name)
    {
        var connection = new SqliteConnection($"Data Source={_folder.File($"{name}.db")};Pooling=False");
        await connection.OpenAsync();
        connection.BeginTransaction(deferred: false);
        return connection;
    }

    public override ValueTask SetVersionAsync(string name, int version)
    {
        using var session = Open(name);
        session.Execute($"PRAGMA user_version = {(version << 16) | version}");
        return ValueTask.CompletedTask;
    }

    public override ValueTask<int> GetVersionAsync(string name)
    {
        using var session = Open(name);
        return new((int)session.AskNumber("PRAGMA user_version") & 0xFFFF);
    }

    public override ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return base.DisposeAsync();
    }

    private SqliteSession Open(string name) => SqliteSession.Open($"Data Source={_folder.File($"{name}.db")};Pooling=False");
}

public sealed class SpecificationCoverageTests
{
    [Fact]
    public void Every_specification_is_run() =>
        StoreSpecificationCoverage.MissingFrom(typeof(SpecificationCoverageTests).Assembly).Should().BeEmpty();
}
