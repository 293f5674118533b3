using System.Globalization;
using Conversations.Storage;

namespace Conversations.Sqlite.Tests;

/// <summary>Two versions of the library on one file: the older one writes as long as the schema says that it can.</summary>
public sealed class SqliteVersionTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteConversationStore _store;

    public SqliteVersionTests() => _store = new SqliteConversationStore(_folder.ConnectionString());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Open_store_stops_writing_when_a_newer_version_has_migrated_beyond_it()
    {
        var begun = await _store.BeginAsync();
        Migrate(version: 2, usableFrom: 2);

        await ShouldRefuseAsync(ConversationErrorCodes.SchemaTooNew, begun);

        (await _store.LoadAsync(begun.Conversation.Id)).Should().Be(begun, "it reads what it can");
    }

    [Fact]
    public async Task Writes_of_a_group_are_all_refused_when_a_newer_version_has_migrated_beyond_it()
    {
        await _store.TurnAsync();
        Migrate(version: 2, usableFrom: 2);

        var writes = Enumerable.Range(0, 20).Select(number => Task.Run(() => _store.TryWriteAsync(Commands.Begin(Commands.Scope($"user_{number}")), Token).AsTask(), Token)).ToList();

        foreach (var write in writes)
            (await write.Awaiting(task => task).Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(ConversationErrorCodes.SchemaTooNew);
    }

    [Fact]
    public async Task Open_store_goes_on_when_a_newer_version_has_migrated_to_what_it_can_use()
    {
        var begun = await _store.BeginAsync();
        Migrate(version: 9, usableFrom: 1);

        await _store.CommitAsync(begun, "Hi");

        (await _store.LoadAsync(begun.Conversation.Id))!.Conversation.MessageCount.Should().Be(2);
    }

    [Fact]
    public async Task Store_opens_a_newer_version_that_it_can_use_and_leaves_its_mark()
    {
        await _store.TurnAsync();
        Migrate(version: 9, usableFrom: 1);

        await using (var older = new SqliteConversationStore(_folder.ConnectionString()))
            await older.TurnAsync();

        using var inspector = new Inspector(_folder);
        inspector.Strings("SELECT (user_version & 0xFFFF) || ' ' || (user_version >> 16) FROM pragma_user_version").Should().Equal("9 1");
        (await _store.GetCurrentAsync())!.Conversation.MessageCount.Should().Be(4);
    }

    [Theory]
    [InlineData("PRAGMA user_version = 0")]
    [InlineData("PRAGMA application_id = 1; PRAGMA user_version = 7")]
    public async Task Open_store_stops_writing_when_the_database_is_another_one(string sql)
    {
        var begun = await _store.BeginAsync();
        using (var inspector = new Inspector(_folder))
            inspector.Execute(sql);

        await ShouldRefuseAsync(ConversationErrorCodes.StoreCorrupt, begun);
    }

    private async Task ShouldRefuseAsync(string code, StoredConversation begun)
    {
        var writes = new Func<Task>[]
        {
            () => _store.TryWriteAsync(Commands.Commit(begun, "Hi"), Token).AsTask(),
            () => _store.DeleteConversationAsync(begun.Conversation.Id, Commands.Host, Token).AsTask(),
            () => _store.PingAsync(Token).AsTask(),
        };
        foreach (var write in writes)
            (await write.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(code);
    }

    private void Migrate(int version, int usableFrom)
    {
        using var inspector = new Inspector(_folder);
        inspector.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {(usableFrom << 16) | version}"));
    }
}
