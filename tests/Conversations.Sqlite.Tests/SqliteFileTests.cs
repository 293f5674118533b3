using Conversations.Storage;
using Microsoft.Data.Sqlite;

namespace Conversations.Sqlite.Tests;

/// <summary>Files that are not what they should be: the error says which, and the file stays as it is.</summary>
/// <remarks>Tests may run as root, which can write to what is read-only by its permissions; so read-only is asked for by the connection string.</remarks>
public sealed class SqliteFileTests : IDisposable
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_of_a_file_that_is_no_database_is_refused_and_leaves_it_unchanged()
    {
        await File.WriteAllTextAsync(_folder.File(), new string('x', 10_000), Token);

        await ShouldRefuseAsync(ConversationErrorCodes.StoreCorrupt);
    }

    [Fact]
    public async Task Open_of_a_truncated_database_is_refused_and_leaves_it_unchanged()
    {
        await CreateAsync();
        await using (var file = File.OpenWrite(_folder.File()))
            file.SetLength(file.Length / 2);

        await ShouldRefuseAsync(ConversationErrorCodes.StoreCorrupt);
    }

    [Fact]
    public async Task Open_of_a_newer_database_is_refused_and_leaves_it_unchanged()
    {
        await CreateAsync();
        using (var inspector = new Inspector(_folder))
            inspector.Execute("PRAGMA user_version = 99");

        await ShouldRefuseAsync(ConversationErrorCodes.SchemaTooNew);
    }

    [Theory]
    [InlineData("CREATE TABLE notes (text TEXT)")]
    [InlineData("PRAGMA application_id = 1")]
    [InlineData("PRAGMA user_version = 1")]
    public async Task Open_of_a_foreign_database_is_refused_and_leaves_it_unchanged(string sql)
    {
        using (var inspector = new Inspector(_folder))
            inspector.Execute(sql);

        await ShouldRefuseAsync(ConversationErrorCodes.StoreCorrupt, "The file is not a Conversations database. Use another file.");
    }

    [Theory]
    [InlineData("Data Source={0};Mode=ReadOnly")]
    [InlineData("Data Source=file:{0}?immutable=1;Mode=ReadOnly")]
    public async Task Write_to_a_read_only_database_is_refused_and_reading_works(string connectionString)
    {
        var id = await CreateAsync();
        await using var store = new SqliteConversationStore(string.Format(null, connectionString, _folder.File()));

        var begin = () => store.BeginAsync();
        var conversation = await store.LoadAsync(id);

        (await begin.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(ConversationErrorCodes.StoreReadOnly);
        conversation!.Conversation.MessageCount.Should().Be(2);
    }

    [Fact]
    public async Task Write_to_a_full_database_is_refused_whole_and_works_again_with_room()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());
        var turn = await store.BeginAsync();
        await LimitAsync(store, "PRAGMA max_page_count = 40");

        var commit = () => store.TryWriteAsync(Commands.Commit(turn, "small", new string('x', 1_000_000)), Token).AsTask();
        var exception = await commit.Should().ThrowAsync<ConversationStoreException>();
        var before = await store.GetCurrentAsync();
        await LimitAsync(store, "PRAGMA max_page_count = 100000");
        var again = await commit();

        exception.Which.Code.Should().Be(ConversationErrorCodes.StoreFull);
        before!.Conversation.MessageCount.Should().Be(1);
        again.Should().BeTrue();
    }

    [Fact]
    public async Task Write_is_unavailable_while_another_process_writes()
    {
        await CreateAsync();
        await using var store = new SqliteConversationStore(new SqliteConversationStoreOptions
        {
            ConnectionString = _folder.ConnectionString(),
            BusyTimeout = TimeSpan.Zero,
        });
        using var other = new Inspector(_folder);
        other.Execute("BEGIN IMMEDIATE");

        var begin = () => store.BeginAsync();
        var exception = await begin.Should().ThrowAsync<ConversationStoreException>();
        other.Execute("COMMIT");
        var turn = await begin();

        exception.Which.Code.Should().Be(ConversationErrorCodes.StoreUnavailable);
        turn.Conversation.LastPosition.Should().Be(3);
    }

    [Fact]
    public async Task Open_that_failed_is_tried_again()
    {
        await using var store = new SqliteConversationStore($"{_folder.ConnectionString()};Mode=ReadWrite");
        var begin = () => store.BeginAsync();

        var exception = await begin.Should().ThrowAsync<ConversationStoreException>();
        var existed = File.Exists(_folder.File());
        await CreateAsync();
        var turn = await begin();

        exception.Which.Code.Should().Be(ConversationErrorCodes.StoreUnavailable);
        existed.Should().BeFalse();
        turn.Conversation.LastPosition.Should().Be(3);
    }

    [Fact]
    public async Task Open_in_a_missing_folder_is_unavailable_and_names_no_path()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString(Path.Combine("missing", "conversations.db")));

        var begin = () => store.BeginAsync();

        var exception = (await begin.Should().ThrowAsync<ConversationStoreException>()).Which;
        exception.Code.Should().Be(ConversationErrorCodes.StoreUnavailable);
        exception.ToString().Should().NotContain(Path.GetDirectoryName(_folder.File()));
    }

    [Theory]
    [InlineData(5, ConversationErrorCodes.StoreUnavailable)]
    [InlineData(8, ConversationErrorCodes.StoreReadOnly)]
    [InlineData(13, ConversationErrorCodes.StoreFull)]
    [InlineData(10, ConversationErrorCodes.CommitOutcomeUnknown)]
    [InlineData(7, ConversationErrorCodes.CommitOutcomeUnknown)]
    public void Commit_that_fails_has_an_unknown_outcome_unless_it_is_certain(int error, string code)
    {
        var exception = SqliteErrors.TranslateCommit(new SqliteException("failed", error));

        exception.Code.Should().Be(code);
    }

    [Theory]
    [InlineData(10, 10, ConversationErrorCodes.StoreUnavailable)]
    [InlineData(10, 522, ConversationErrorCodes.StoreCorrupt)]
    [InlineData(11, 267, ConversationErrorCodes.StoreCorrupt)]
    [InlineData(14, 14, ConversationErrorCodes.StoreUnavailable)]
    [InlineData(26, 26, ConversationErrorCodes.StoreCorrupt)]
    public void Translate_distinguishes_damage_from_unavailability(int error, int extendedError, string code)
    {
        var exception = SqliteErrors.Translate(new SqliteException("failed", error, extendedError));

        exception.Code.Should().Be(code);
    }

    private static async Task LimitAsync(SqliteConversationStore store, string pragma) =>
        await store.Writer.WriteAsync(new Probe<long>(session => session.AskNumber(pragma)), SqliteDurability.Full, Token);

    private async Task<string> CreateAsync()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());
        return await store.TurnAsync();
    }

    private async Task ShouldRefuseAsync(string code, string? message = null)
    {
        var before = Convert.ToHexString(await File.ReadAllBytesAsync(_folder.File(), Token));
        await using (var store = new SqliteConversationStore(_folder.ConnectionString()))
        {
            var write = () => store.BeginAsync();
            var read = () => store.GetCurrentAsync();

            var exception = (await write.Should().ThrowAsync<ConversationStoreException>()).Which;
            exception.Code.Should().Be(code);
            exception.Message.Should().Be(message ?? exception.Message);
            (await read.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(code);
        }

        var after = Convert.ToHexString(await File.ReadAllBytesAsync(_folder.File(), Token));
        string.Equals(after, before, StringComparison.Ordinal).Should().BeTrue("the file is not ours to change");
        Directory.GetFiles(Path.GetDirectoryName(_folder.File())!).Should().ContainSingle();
    }
}
