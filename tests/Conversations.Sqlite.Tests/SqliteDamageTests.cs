using System.Globalization;
using Conversations.Storage;

namespace Conversations.Sqlite.Tests;

/// <summary>Rows that were damaged in the file, as the store reads them.</summary>
public sealed class SqliteDamageTests : IAsyncDisposable
{
    private const string Garbage = """[{"type":"text","text":"secret""";

    private readonly TemporaryFolder _folder = new();
    private readonly SqliteConversationStore _store;

    public SqliteDamageTests() => _store = new SqliteConversationStore(_folder.ConnectionString());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("format = 1, content = '" + Garbage + "'")]
    [InlineData("format = 1, content = ''")]
    [InlineData("format = 1, content = '{}'")]
    [InlineData("format = 2, content = '[{\"type\":\"text\",\"text\":\"secret\"}]'")]
    [InlineData("format = 9, content = 'secret'")]
    [InlineData("format = -1")]
    [InlineData("format = 1 << 32")]
    [InlineData("role = 9")]
    [InlineData("role = -1")]
    [InlineData("role = 1 + (1 << 32)")]
    [InlineData("created_at = -1")]
    [InlineData("created_at = 9223372036854775807")]
    [InlineData("content = 'a9'")]
    [InlineData("content = content || ' '")]
    [InlineData("format = 1, content = '[{\"type\":\"text\",\"text\":\"secret\"}]'")]
    [InlineData("role = 3")]
    [InlineData("created_at = created_at + 1")]
    [InlineData("checksum = checksum + 1")]
    [InlineData("author = 'eve', flags = flags | 4")]
    [InlineData("flags = flags | 4")]
    public async Task Damaged_message_is_an_error_in_its_place_and_affects_no_other(string damage)
    {
        var id = await TalkAsync();
        Damage($"UPDATE messages SET {damage} WHERE key & 0xFFFFFFFF = 2");

        var messages = await _store.ReadMessagesAsync(new MessageRange { ConversationId = id, Access = Commands.Host, Limit = 9 }, Token);
        var window = (await _store.LoadAsync(new ConversationLookup { Access = Commands.Host, ConversationId = id, Window = new WindowSize(9) }, Token)).Window;

        messages.Select(message => message.Text).Should().Equal("q1", "", "q2", "a2");
        messages[1].Parts.Should().Equal(MessageContent.Damaged);
        messages[1].Should().BeEquivalentTo(new { Kind = MessageKind.Error, Position = 2L, RunNumber = 1L, AuthorName = (string?)null, Metadata = (string?)null });
        window.Should().Equal(messages);
    }

    [Fact]
    public async Task Message_at_the_place_of_another_is_damaged()
    {
        var id = await TalkAsync();
        Damage("UPDATE messages SET key = key + 100 WHERE key & 0xFFFFFFFF = 4");

        var messages = await _store.ReadMessagesAsync(new MessageRange { ConversationId = id, Access = Commands.Host, Limit = 9 }, Token);

        messages.Select(message => message.Text).Should().Equal("q1", "a1", "q2", "");
        messages[3].Parts.Should().Equal(MessageContent.Damaged);
    }

    [Theory]
    [InlineData("text = 'secret'", 2)]
    [InlineData("messages = 4", 2)]
    [InlineData("created_at = -1", 2)]
    [InlineData("key = key + 1", 2)]
    [InlineData("counter = NULL, tokens = NULL", 3)]
    public async Task Damaged_summary_is_passed_over(string damage, long through)
    {
        var id = await TalkAsync();
        await SummarizeAsync(id, 2);
        await SummarizeAsync(id, 3);
        Damage($"UPDATE summaries SET {damage} WHERE key & 0xFFFFFFFF = 3");

        var summary = (await _store.LoadAsync(new ConversationLookup { Access = Commands.Host, ConversationId = id, SummaryBefore = 9 }, Token)).Summary;

        summary!.Should().Match<ConversationSummary>(found => found.Through == through && found.Text == $"summary of {through}");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1L << 31)]
    [InlineData(long.MaxValue)]
    public async Task Impossible_token_count_is_none(long count)
    {
        var id = await TalkAsync();
        Damage(string.Create(CultureInfo.InvariantCulture, $"UPDATE messages SET tokens = {count}, counter = 'words'"));

        var window = (await _store.LoadAsync(new ConversationLookup { Access = Commands.Host, ConversationId = id, Window = new WindowSize(9, new TokenAmount(1, "words")) }, Token)).Window;

        window.Select(message => message.Tokens).Should().Equal(null, null, null, null);
    }

    [Theory]
    [InlineData("UPDATE conversations SET status = 9")]
    [InlineData("UPDATE conversations SET created_at = -1")]
    [InlineData("UPDATE conversations SET on_interruption = 9, open_number = 1, open_started_at = 0")]
    [InlineData("UPDATE conversations SET open_run = '{', open_number = 1")]
    public async Task Damaged_conversation_is_store_corrupt(string damage)
    {
        var id = await TalkAsync();
        Damage(damage);

        var load = () => _store.LoadAsync(id);

        (await load.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(ConversationErrorCodes.StoreCorrupt);
    }

    [Theory]
    [InlineData("status = 99")]
    [InlineData("kind = 99")]
    [InlineData("started_at = -1")]
    [InlineData("cost = 'much'")]
    public async Task Damaged_run_is_store_corrupt(string damage)
    {
        var id = await TalkAsync();
        Damage($"UPDATE runs SET {damage} WHERE key & 0xFFFFFFFF = 1");

        var read = () => _store.ReadRunsAsync(new RunRange { ConversationId = id, Access = Commands.Host, Limit = 9 }, Token).AsTask();

        (await read.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(ConversationErrorCodes.StoreCorrupt);
    }

    private async Task<string> TalkAsync()
    {
        await _store.TurnAsync(question: "q1", answer: "a1");
        return await _store.TurnAsync(question: "q2", answer: "a2");
    }

    private async Task SummarizeAsync(string id, long through)
    {
        var summary = new ConversationSummary { ConversationId = id, Through = through, MessageCount = through, CreatedAt = DateTimeOffset.UnixEpoch, Tokens = new TokenAmount(3, "words"), Text = $"summary of {through}" };
        var write = new ConversationWrite { Conversation = (await _store.LoadAsync(id))!, Summary = summary };
        (await _store.TryWriteAsync(new ConversationBatch { Access = Commands.Host, Conversations = [write], Durability = WriteDurability.Disk }, Token)).Should().BeTrue();
    }

    private void Damage(string sql)
    {
        using var inspector = new Inspector(_folder);
        inspector.Execute(sql);
    }
}
