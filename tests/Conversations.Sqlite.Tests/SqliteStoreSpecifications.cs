using Conversations.Sqlite.Tests.Golden;
using Conversations.Storage;
using Conversations.StoreSpecification;

namespace Conversations.Sqlite.Tests;

public sealed class SqliteTurns : TurnSpecification<SqliteFixture>;

public sealed class SqliteLeases : LeaseSpecification<SqliteFixture>;

public sealed class SqliteIdempotency : IdempotencySpecification<SqliteFixture>;

public sealed class SqliteRetry : RetrySpecification<SqliteFixture>;

public sealed class SqliteCurrentConversations : CurrentConversationSpecification<SqliteFixture>;

public sealed class SqliteConversations : ConversationSpecification<SqliteFixture>;

public sealed class SqliteWindows : WindowSpecification<SqliteFixture>;

public sealed class SqliteMessagePages : MessagePageSpecification<SqliteFixture>;

public sealed class SqliteListings : ListingSpecification<SqliteFixture>;

public sealed class SqliteAccess : AccessSpecification<SqliteFixture>;

public sealed class SqliteDeletion : DeletionSpecification<SqliteFixture>;

public sealed class SqliteTexts : TextSpecification<SqliteFixture>;

public sealed class SqliteParts : PartSpecification<SqliteFixture>;

public sealed class SqliteCopies : CopySpecification<SqliteFixture>;

public sealed class SqliteCancellation : CancellationSpecification<SqliteFixture>;

public sealed class SqliteDisposal : DisposalSpecification<SqliteFixture>;

public sealed class SqliteTimes : TimeSpecification<SqliteFixture>;

public sealed class SqliteRaces : RaceSpecification<SqliteFixture>;

public sealed class SqlitePersistence : PersistenceSpecification<SqliteFixture>;

public sealed class SqliteSharedData : SharedDataSpecification<SqliteFixture>;

public sealed class SqliteLimits : LimitSpecification<SqliteFixture>;

public sealed class SqliteVersions : VersionSpecification<SqliteFixture>;

public sealed class SqliteMigrations : MigrationSpecification<SqliteFixture>;

public sealed class SqliteTokens : TokenSpecification<SqliteFixture>;

public sealed class SqliteInputAgain : InputAgainSpecification<SqliteFixture>;

public sealed class SqliteSuperseding : SupersedingSpecification<SqliteFixture>;

public sealed class SqliteAnsweredSince : AnsweredSinceSpecification<SqliteFixture>;

public sealed class SqliteSupersededRuns : SupersededRunSpecification<SqliteFixture>;

public sealed class SqliteRunListing : RunListingSpecification<SqliteFixture>;

public sealed class SqliteSummaries : SummarySpecification<SqliteFixture>;

public sealed class SqliteSummaryRaces : SummaryRaceSpecification<SqliteFixture>;

public sealed class SqliteUsageSums : UsageSpecification<SqliteFixture>;

public sealed class SqliteStreams : StreamSpecification<SqliteFixture>;

public sealed class SqliteStreamCalls : StreamCallSpecification<SqliteFixture>;

public sealed class SqliteInterruptedStreams : InterruptedStreamSpecification<SqliteFixture>;

public sealed class SqliteStreamRaces : StreamRaceSpecification<SqliteFixture>;

public sealed class SqliteWaiting : WaitingSpecification<SqliteFixture>;

public sealed class SqliteFixture : MigratingStoreFixture
{
    private readonly TemporaryFolder _folder = new();

    public override IReadOnlyList<int> OlderVersions => Olders.Versions;

    public override ValueTask<IConversationStore> OpenAsync(string name, TimeProvider timeProvider) =>
        new(new SqliteConversationStore($"Data Source={_folder.File($"{name}.db")}", timeProvider));

    public override ValueTask CopyAsync(string name, string copy)
    {
        foreach (var ending in new[] { ".db", ".db-wal" })
            File.Copy(_folder.File(name + ending), _folder.File(copy + ending));
        return ValueTask.CompletedTask;
    }

    public override ValueTask SetVersionAsync(string name, int version)
    {
        using var session = Open(name);
        session.Execute($"PRAGMA user_version = {version}");
        return ValueTask.CompletedTask;
    }

    public override ValueTask<int> GetVersionAsync(string name)
    {
        using var session = Open(name);
        return new((int)session.AskNumber("PRAGMA user_version"));
    }

    public override ValueTask<IReadOnlyList<OlderConversation>> CreateOlderAsync(string name, int version)
    {
        GoldenDatabase.Write(_folder, $"{name}.db", version);
        return new(Olders.Of(version));
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
