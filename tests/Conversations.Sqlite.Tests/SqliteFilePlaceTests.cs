using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Conversations.Sqlite.Tests;

/// <summary>Where the file lies, by which names, and who has access to it.</summary>
public sealed class SqliteFilePlaceTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    private readonly TemporaryFolder _folder = new();
    private readonly Logging _log = new();

    public SqliteFilePlaceTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux tells which file a path leads to.");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Write_after_the_file_was_removed_is_refused_until_it_is_back()
    {
        await using var store = Open();
        var begun = await store.BeginAsync();
        File.Move(_folder.File(), _folder.File("moved.db"));

        await ShouldRefuseAsync(() => store.CommitAsync(begun, "lost"));
        await ShouldRefuseAsync(() => store.PingAsync(Token).AsTask());
        File.Move(_folder.File("moved.db"), _folder.File());
        await store.CommitAsync(begun, "kept");

        (await store.GetCurrentAsync())!.Conversation.MessageCount.Should().Be(2);
    }

    [Fact]
    public async Task Write_after_the_file_was_replaced_is_refused_and_a_store_that_is_opened_again_uses_the_new_one()
    {
        await using (var before = Open("backup.db"))
            await before.TurnAsync();
        var store = Open();
        var begun = await store.BeginAsync(text: "another");
        foreach (var ending in new[] { "-wal", "-shm" })
            File.Delete(_folder.File() + ending);
        File.Move(_folder.File("backup.db"), _folder.File(), overwrite: true);

        await ShouldRefuseAsync(() => store.CommitAsync(begun, "lost"));
        await store.DisposeAsync();

        await using var restored = Open();
        (await restored.GetCurrentAsync())!.Conversation.MessageCount.Should().Be(2);
    }

    [Fact]
    public async Task Write_after_the_log_was_removed_is_refused_until_it_is_back()
    {
        await using var store = Open();
        var begun = await store.BeginAsync();
        File.Move(_folder.File() + "-wal", _folder.File("moved"));

        await ShouldRefuseAsync(() => store.CommitAsync(begun, "lost"));
        await ShouldRefuseAsync(() => store.PingAsync(Token).AsTask());
        File.Move(_folder.File("moved"), _folder.File() + "-wal");
        await store.CommitAsync(begun, "kept");

        (await store.GetCurrentAsync())!.Conversation.MessageCount.Should().Be(2);
    }

    [Fact]
    public async Task Write_after_the_log_of_a_new_file_was_removed_is_refused()
    {
        await using var store = Open();
        await store.GetCurrentAsync();
        File.Delete(_folder.File() + "-wal");

        await ShouldRefuseAsync(() => store.BeginAsync());
    }

    [Fact]
    public async Task Write_after_the_log_was_emptied_is_not_refused()
    {
        await using var store = Open();
        await store.TurnAsync();
        using (var inspector = new Inspector(_folder))
            inspector.Strings("PRAGMA wal_checkpoint(TRUNCATE)");
        new FileInfo(_folder.File() + "-wal").Length.Should().Be(0);

        await store.TurnAsync();

        (await store.GetCurrentAsync())!.Conversation.MessageCount.Should().Be(4);
    }

    [Fact]
    public async Task Store_whose_log_was_removed_keeps_what_was_written_before_when_it_is_closed()
    {
        await using (var store = Open())
        {
            await store.TurnAsync();
            File.Delete(_folder.File() + "-wal");
            await ShouldRefuseAsync(() => store.BeginAsync());
        }

        await using var opened = Open();
        (await opened.GetCurrentAsync())!.Conversation.MessageCount.Should().Be(2);
    }

    [Fact]
    public async Task Writes_of_a_group_are_all_refused_after_the_file_was_removed()
    {
        await using var store = Open();
        await store.TurnAsync();
        File.Delete(_folder.File());

        var writes = Enumerable.Range(0, 20).Select(number => Task.Run(() => store.TryWriteAsync(Commands.Begin(Commands.Scope($"user_{number}")), Token).AsTask(), Token)).ToList();

        foreach (var write in writes)
            await ShouldRefuseAsync(() => write);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Open_by_a_symbolic_link_is_refused_and_creates_nothing(bool exists)
    {
        if (exists)
            await CreateAsync("real.db");
        File.CreateSymbolicLink(_folder.File(), _folder.File("real.db"));
        await using var store = Open();

        await ShouldRefuseAsync(() => store.BeginAsync());

        File.Exists(_folder.File("real.db")).Should().Be(exists);
    }

    [Fact]
    public async Task Open_through_a_link_to_a_directory_is_allowed()
    {
        var folder = Directory.CreateDirectory(_folder.File("real"));
        Directory.CreateSymbolicLink(_folder.File("link"), folder.FullName);
        await using var store = Open(Path.Combine("link", "conversations.db"));

        await store.TurnAsync();

        File.Exists(_folder.File(Path.Combine("real", "conversations.db"))).Should().BeTrue();
    }

    [Fact]
    public async Task Open_of_a_file_with_two_names_is_refused_until_it_has_one()
    {
        await CreateAsync("conversations.db");
        using (var link = Process.Start("ln", [_folder.File(), _folder.File("second.db")]))
            await link.WaitForExitAsync(Token);
        await using var store = Open();

        await ShouldRefuseAsync(() => store.BeginAsync());
        File.Delete(_folder.File("second.db"));

        (await store.BeginAsync()).Conversation.LastPosition.Should().Be(3);
    }

    [Fact]
    public async Task Shared_memory_that_its_owner_cannot_write_to_is_opened_to_the_owner()
    {
        await using (var store = new SqliteConversationStore(_folder.ConnectionString()))
            await store.TurnAsync();

        // A process that opened the file while it was read-only, and was killed, leaves it so.
        await File.WriteAllBytesAsync(_folder.File() + "-shm", [], TestContext.Current.CancellationToken);
        _folder.SetMode(UnixFileMode.UserRead, "conversations.db-shm");
        await using (var store = new SqliteConversationStore(_folder.ConnectionString()))
        {
            await store.TurnAsync();
            new FileInfo(_folder.File() + "-shm").UnixFileMode.Should().Be(Owner);
        }
    }

    [Fact]
    public async Task Open_takes_the_permissions_of_all_users_away_and_says_so_and_leaves_those_of_the_group()
    {
        await CreateAsync("conversations.db");
        _folder.SetMode(Owner | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherWrite, "conversations.db");
        await using var store = Open();

        await store.TurnAsync();

        new[] { "", "-wal", "-shm" }.Select(ending => new FileInfo(_folder.File() + ending).UnixFileMode).Should().AllBeEquivalentTo(Owner | UnixFileMode.GroupRead);
        _log.Lines.Should().ContainSingle().Which.Should().StartWith("Warning FileClosedToOthers").And.NotContain(_folder.File());
    }

    [Theory]
    [InlineData("text")]
    [InlineData("database of another program")]
    public async Task Open_of_a_file_of_another_program_is_refused_and_leaves_its_permissions(string kind)
    {
        var mode = Owner | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        if (kind == "text")
        {
            await File.WriteAllTextAsync(_folder.File(), "not a database, and longer than a header of one hundred bytes so that SQLite reads all of what it expects there", Token);
        }
        else
        {
            await using var other = new SqliteConnection($"Data Source={_folder.File()};Pooling=False");
            await other.OpenAsync(Token);
            await using var command = other.CreateCommand();
            command.CommandText = "CREATE TABLE others (id INTEGER)";
            await command.ExecuteNonQueryAsync(Token);
        }

        _folder.SetMode(mode, "conversations.db");
        await using var store = Open();

        await store.Awaiting(opened => opened.PingAsync(Token).AsTask()).Should().ThrowAsync<ConversationStoreException>();

        new FileInfo(_folder.File()).UnixFileMode.Should().Be(mode);
        _log.Lines.Should().BeEmpty();
    }

    [Fact]
    public async Task Open_of_a_directory_or_a_device_is_refused_by_its_kind()
    {
        Directory.CreateDirectory(_folder.File("directory"));
        await using var directory = Open("directory");
        await using var device = new SqliteConversationStore("Data Source=/dev/null");

        var messages = new List<string>();
        foreach (var store in new[] { directory, device })
            messages.Add((await store.Awaiting(opened => opened.PingAsync(Token).AsTask()).Should().ThrowAsync<ConversationStoreException>()).Which.Message);

        messages.Should().SatisfyRespectively(first => first.Should().Contain("a directory"), second => second.Should().Contain("a device"));
        new FileInfo("/dev/null").UnixFileMode.Should().HaveFlag(UnixFileMode.OtherWrite);
    }

    [Fact]
    public async Task Open_for_reading_leaves_the_permissions_and_says_that_all_users_have_access()
    {
        await CreateAsync("conversations.db");
        var mode = Owner | UnixFileMode.OtherRead;
        _folder.SetMode(mode, "conversations.db");
        await using var store = Open("conversations.db", ";Mode=ReadOnly");

        await store.GetCurrentAsync();

        new FileInfo(_folder.File()).UnixFileMode.Should().Be(mode);
        _log.Lines.Should().ContainSingle().Which.Should().StartWith("Warning FileOpenToOthers");
    }

    [Fact]
    public async Task Open_of_a_file_that_only_its_owner_reads_says_nothing()
    {
        await CreateAsync("conversations.db");
        await using var store = Open();

        await store.TurnAsync();

        _log.Lines.Should().BeEmpty();
    }

    private static async Task ShouldRefuseAsync(Func<Task> write)
    {
        var exception = (await write.Should().ThrowAsync<ConversationStoreException>()).Which;

        exception.Code.Should().Be(ConversationErrorCodes.StoreUnavailable);
        exception.ToString().Should().NotContain("conversations.db");
    }

    private async Task CreateAsync(string name)
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString(name));
        await store.TurnAsync();
    }

    private SqliteConversationStore Open(string name = "conversations.db", string more = "") =>
        new(new SqliteConversationStoreOptions { ConnectionString = _folder.ConnectionString(name) + more }, TimeProvider.System, _log);

    private sealed class Logging : ILogger<SqliteConversationStore>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add($"{logLevel} {eventId.Name} {formatter(state, exception)} {exception}");
    }
}
