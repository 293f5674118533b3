using Conversations.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Conversations.Sqlite.Tests;

/// <summary>How connections are opened and closed.</summary>
public sealed class SqliteConnectionTests : IDisposable
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;
    private static readonly string[] Pragmas = ["journal_mode", "busy_timeout", "cache_size", "temp_store", "foreign_keys", "trusted_schema", "query_only", "journal_size_limit", "auto_vacuum"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Data Source=:memory:")]
    [InlineData("Data Source=conversations;Mode=Memory;Cache=Shared")]
    [InlineData("Data Source=file:conversations?mode=memory&cache=shared")]
    public void Construct_for_memory_is_refused_and_points_to_UseInMemory(string connectionString)
    {
        var construct = () => new SqliteConversationStore(connectionString);

        construct.Should().Throw<ArgumentException>().WithMessage("*UseInMemory()*");
    }

    [Theory]
    [InlineData("")]
    [InlineData("Mode=ReadOnly")]
    public void Construct_without_a_file_is_refused(string connectionString)
    {
        var construct = () => new SqliteConversationStore(connectionString);

        construct.Should().Throw<ArgumentException>().WithParameterName(nameof(connectionString));
    }

    [Theory]
    [InlineData("app.db", "Use 'Data Source=app.db'.")]
    [InlineData("data/my app.db", "Use 'Data Source=data/my app.db'.")]
    [InlineData("app.db;Mode=ReadOnly;Secret=x", "Use the keywords of Microsoft.Data.Sqlite, as in 'Data Source=conversations.db'.")]
    [InlineData("app.db;secret", "Use 'Data Source=conversations.db'.")]
    [InlineData(":memory:", "For a store in memory, call UseInMemory().")]
    public void Construct_with_a_path_hints_at_the_connection_string(string connectionString, string hint)
    {
        var construct = () => new SqliteConversationStore(connectionString);
        var register = () => new ServiceCollection().AddConversations(_ => { }).UseSqlite(connectionString);

        construct.Should().Throw<ArgumentException>().WithParameterName(nameof(connectionString))
            .Which.Message.Should().StartWith($"The connection string is not valid. {hint}").And.NotContainEquivalentOf("secret");
        register.Should().Throw<ArgumentException>().WithMessage($"*{hint}*");
    }

    [Fact]
    public void Construct_with_an_option_out_of_range_is_refused()
    {
        var construct = (SqliteConversationStoreOptions options) => new SqliteConversationStore(options);

        construct.Invoking(make => make(new() { ConnectionString = _folder.ConnectionString(), ReaderCount = 0 }))
            .Should().Throw<ArgumentOutOfRangeException>().WithParameterName("options");
        construct.Invoking(make => make(new() { ConnectionString = _folder.ConnectionString(), BusyTimeout = TimeSpan.FromSeconds(-1) }))
            .Should().Throw<ArgumentOutOfRangeException>().WithParameterName("options");
    }

    [Theory]
    [InlineData("Data Source=x.db;Default Timeout=5")]
    [InlineData("Data Source=x.db;Command Timeout=30")]
    public void Construct_with_a_timeout_in_the_connection_string_is_refused(string connectionString)
    {
        var construct = () => new SqliteConversationStore(connectionString);

        construct.Should().Throw<ArgumentException>().WithParameterName("connectionString").WithMessage("*BusyTimeout*");
    }

    [Fact]
    public void Construct_with_a_password_is_refused()
    {
        var construct = () => new SqliteConversationStore("Data Source=x.db;Password=secret");

        construct.Should().Throw<ArgumentException>().WithParameterName("connectionString").Which.Message.Should().NotContain("secret");
    }

    [Fact]
    public void Bundled_library_has_no_wal_bug() =>
        SqliteOpener.HasWalBug(SQLitePCL.raw.sqlite3_libversion_number()).Should().BeFalse();

    [Fact]
    public async Task Construct_opens_nothing()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());

        File.Exists(_folder.File()).Should().BeFalse();
    }

    [Fact]
    public async Task Open_sets_all_pragmas_on_every_connection()
    {
        await using var store = new SqliteConversationStore(new SqliteConversationStoreOptions
        {
            ConnectionString = $"{_folder.ConnectionString()};Foreign Keys=True;Cache=Shared",
            ReaderCount = 2,
        });

        var writer = await store.Writer.WriteAsync(new Probe<string[]>(AskPragmas), SqliteDurability.Full, Token);
        using var bothRead = new Barrier(2);
        var readers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(
            async () => await store.Readers.ReadAsync(
                (session, barrier) =>
                {
                    barrier.SignalAndWait(Token);
                    return AskPragmas(session);
                },
                bothRead,
                Token),
            Token)));

        writer.Should().Equal("wal", "0", "-16384", "2", "0", "0", "0", "4194304", "2");
        readers.Should().HaveCount(2).And.AllSatisfy(reader => reader.Should().Equal("wal", "0", "-16384", "2", "0", "0", "1", "4194304", "2"));
    }

    [Fact]
    public async Task Write_uses_the_synchronous_mode_of_its_durability()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());
        var ask = new Probe<long>(session => session.AskNumber("PRAGMA synchronous"));

        var modes = new List<long>();
        foreach (var durability in new[] { SqliteDurability.Process, SqliteDurability.Full, SqliteDurability.Process, SqliteDurability.Full })
            modes.Add(await store.Writer.WriteAsync(ask, durability, Token));

        modes.Should().Equal(1, 2, 1, 2);
    }

    [Theory]
    [InlineData("Data Source={0}")]
    [InlineData("Data Source=file:{0}?cache=private")]
    public async Task Open_creates_files_that_only_their_owner_reads(string connectionString)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Windows has no such permissions.");
        await using var store = new SqliteConversationStore(string.Format(null, connectionString, _folder.File()));

        await store.TurnAsync();

        var modes = new[] { "", "-wal", "-shm" }.Select(suffix => new FileInfo(_folder.File() + suffix).UnixFileMode);
        modes.Should().AllBeEquivalentTo(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Theory]
    [InlineData(3_051_002, true)]
    [InlineData(3_051_003, false)]
    [InlineData(3_050_006, true)]
    [InlineData(3_050_007, false)]
    [InlineData(3_045_000, true)]
    [InlineData(3_044_006, false)]
    [InlineData(3_044_005, true)]
    [InlineData(3_052_000, false)]
    public void HasWalBug_knows_the_repaired_versions(int version, bool expected) =>
        SqliteOpener.HasWalBug(version).Should().Be(expected);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dispose_leaves_no_file_open(bool asynchronously)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Open files are listed in /proc.");
        var store = new SqliteConversationStore(_folder.ConnectionString());
        var id = await store.TurnAsync();
        await store.LoadAsync(id);
        await store.ReadRunsAsync(new RunRange { ConversationId = id, Access = Commands.Scope().Access(), Limit = 1 }, Token);
        var before = OpenFiles();

        if (asynchronously)
            await store.DisposeAsync();
        else
            Close(store);

        before.Should().NotBeEmpty();
        OpenFiles().Should().BeEmpty();
        File.Exists(_folder.File() + "-wal").Should().BeFalse();
    }

    [Fact]
    public async Task Dispose_twice_is_allowed_and_members_throw_after_it()
    {
        var store = new SqliteConversationStore(_folder.ConnectionString());
        await store.TurnAsync();

        await store.DisposeAsync();
        Close(store);
        await store.DisposeAsync();

        await store.Invoking(disposed => disposed.BeginAsync()).Should().ThrowAsync<ObjectDisposedException>();
        await store.Invoking(disposed => disposed.GetCurrentAsync()).Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task Dispose_of_a_store_that_was_never_used_creates_nothing_and_members_throw_after_it()
    {
        var store = new SqliteConversationStore(_folder.ConnectionString());

        await store.DisposeAsync();

        await store.Invoking(disposed => disposed.GetCurrentAsync()).Should().ThrowAsync<ObjectDisposedException>();
        File.Exists(_folder.File()).Should().BeFalse();
    }

    private static void Close(SqliteConversationStore store) => store.Dispose();

    private static string[] AskPragmas(SqliteSession session) => [.. Pragmas.Select(pragma => session.Ask($"PRAGMA {pragma}") ?? "")];

    private List<string> OpenFiles() =>
        [.. Directory.GetFiles("/proc/self/fd").Select(Target).Where(target => target.StartsWith(_folder.File(), StringComparison.Ordinal))];

    private static string Target(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget ?? "";
        }
        catch (IOException)
        {
            // Another test closed it meanwhile.
            return "";
        }
    }
}
