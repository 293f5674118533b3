using System.Runtime.InteropServices;
using Conversations.Storage;

namespace Conversations.Sqlite.Tests;

/// <summary>A file in a directory where nothing can be written.</summary>
/// <remarks>Root can write wherever the medium can be written to, so these tests look at files with the eyes of a user without rights. Linux has these for each thread.</remarks>
public sealed partial class ReadOnlyMediumTests : IDisposable
{
    private const UnixFileMode Reading = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Entering = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    private readonly TemporaryFolder _folder = new();

    public ReadOnlyMediumTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems have no rights for a thread.");

    public void Dispose()
    {
        _folder.SetMode(Reading | Entering | UnixFileMode.UserWrite);
        _folder.Dispose();
    }

    [Theory]
    [InlineData("Data Source={0}", "conversations.db")]
    [InlineData("Data Source={0};Mode=ReadOnly", "conversations.db")]
    [InlineData("Data Source={0}", "50% #1? & more.db")]
    [InlineData("Data Source=file:{0}?cache=private", "conversations.db")]
    public async Task Store_reads_and_refuses_writes_where_nothing_can_be_written(string connectionString, string name)
    {
        var id = await CreateAsync(name);
        Protect(name);

        await AsUserWithoutRightsAsync(async () =>
        {
            using var store = new SqliteConversationStore(string.Format(null, connectionString, _folder.File(name)));
            var begun = await store.LoadAsync(id);
            var messages = await store.ReadMessagesAsync(new MessageRange { ConversationId = id, Access = Commands.Host, Limit = 9 }, Token);
            var code = await CodeOfAsync(() => store.TryWriteAsync(Commands.Begin(current: begun), Token).AsTask());
            var deletion = await CodeOfAsync(() => store.DeleteConversationAsync(id, Commands.Host, Token).AsTask());
            var ping = await CodeOfAsync(() => store.PingAsync(Token).AsTask());

            messages.Should().HaveCount(2);
            new[] { code, deletion, ping }.Should().AllBe(ConversationErrorCodes.StoreReadOnly);
        });

        Directory.GetFiles(Path.GetDirectoryName(_folder.File())!).Should().ContainSingle();
    }

    [Fact]
    public async Task Open_with_a_log_where_nothing_can_be_written_is_read_only()
    {
        await using var writing = new SqliteConversationStore(_folder.ConnectionString());
        await writing.TurnAsync();
        foreach (var ending in new[] { "", "-wal" })
            File.Copy(_folder.File() + ending, _folder.File("copy.db" + ending));
        Protect("copy.db");
        Protect("copy.db-wal");

        await AsUserWithoutRightsAsync(async () =>
        {
            using var store = new SqliteConversationStore(_folder.ConnectionString("copy.db"));

            (await CodeOfAsync(() => store.GetCurrentAsync())).Should().Be(ConversationErrorCodes.StoreReadOnly);
        });
    }

    [Fact]
    public async Task Read_is_refused_when_another_program_has_written_meanwhile()
    {
        var id = await CreateAsync("conversations.db");
        Protect("conversations.db");

        SqliteConversationStore? store = null;
        await AsUserWithoutRightsAsync(async () =>
        {
            store = new SqliteConversationStore(_folder.ConnectionString());
            await store.LoadAsync(id);
        });

        File.SetLastWriteTimeUtc(_folder.File(), DateTime.UnixEpoch);

        (await CodeOfAsync(() => store!.LoadAsync(id))).Should().Be(ConversationErrorCodes.StoreUnavailable);
        await store!.DisposeAsync();
    }

    [Fact]
    public async Task Store_that_could_not_even_read_the_file_reads_and_writes_when_it_has_rights()
    {
        var id = await CreateAsync("conversations.db");
        _folder.SetMode(UnixFileMode.UserRead, "conversations.db");
        _folder.SetMode(Reading | Entering);

        SqliteConversationStore? store = null;
        await AsUserWithoutRightsAsync(async () =>
        {
            store = new SqliteConversationStore(_folder.ConnectionString());

            (await CodeOfAsync(() => store.LoadAsync(id))).Should().Be(ConversationErrorCodes.StoreUnavailable);
        });

        await store!.TurnAsync();
        var messages = await store!.Readers.ReadAsync((session, _) => session.AskNumber("SELECT COUNT(*) FROM messages"), 0, Token);
        messages.Should().Be(4);
        await store.DisposeAsync();
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(24, false)]
    [InlineData(23, false)]
    [InlineData(28, false)]
    [InlineData(2, false)]
    [InlineData(5, false)]
    public void Only_a_read_only_file_system_forbids_writing_of_the_errors_of_a_disk(int number, bool isForbidden)
    {
        DatabaseFile.IsForbidden(new IOException("error", number)).Should().Be(isForbidden);
        DatabaseFile.IsForbidden(new UnauthorizedAccessException()).Should().BeTrue();
    }

    private static async Task<string?> CodeOfAsync(Func<Task> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (ConversationStoreException exception)
        {
            return exception.Code;
        }
    }

    private async Task<string> CreateAsync(string name)
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString(name));
        return await store.TurnAsync();
    }

    private void Protect(string name)
    {
        _folder.SetMode(Reading, name);
        _folder.SetMode(Reading | Entering);
    }

    /// <summary>Acts without rights, on a thread of its own. What a store does without waiting remains on the thread.</summary>
    private static async Task AsUserWithoutRightsAsync(Func<Task> act)
    {
        const uint UserWithoutRights = 65534;
        await Task.Factory.StartNew(
            () =>
            {
                _ = SetFileUser(UserWithoutRights);
                try
                {
                    var acting = act();
                    acting.IsCompleted.Should().BeTrue("a store that no other program uses waits for nothing");
                    return acting;
                }
                finally
                {
                    _ = SetFileUser(0);
                }
            },
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap();
    }

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetFileUser(uint user);
}
