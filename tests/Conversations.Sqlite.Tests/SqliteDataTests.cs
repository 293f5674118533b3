using System.Globalization;
using System.Text;
using Conversations.Storage;

namespace Conversations.Sqlite.Tests;

/// <summary>What pictures cost a reader, and what is in the file of them.</summary>
public sealed class SqliteDataTests : IAsyncDisposable
{
    private const string Bot = "support-bot";
    private const string Canary = "kanarienvogel";
    private const int PictureSize = 400_000;
    private const int Turns = 20;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly SqliteConversationStore _store;
    private readonly ScopedConversations _ann;

    public SqliteDataTests()
    {
        _store = new SqliteConversationStore(_folder.ConnectionString());
        _ann = new ConversationManager(_store, new ConversationOptions().AddAgent(Bot)).ForIdentity(ConversationIdentity.ForUser("ann"));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Page_and_window_with_ten_pictures_of_400_KB_cost_at_most_twice_those_without()
    {
        var plain = await ConversationAsync(_ => []);
        var withPictures = await ConversationAsync(number => number % 2 == 0 ? [Picture(number)] : []);
        await _store.DisposeAsync();

        Cost(withPictures).Should().BeLessThanOrEqualTo(2 * Cost(plain));
        RowsOf(withPictures).Should().BeLessThanOrEqualTo(2 * RowsOf(plain));
    }

    [Fact]
    public async Task Same_picture_is_stored_once_within_a_scope_and_across_forks()
    {
        var first = await SendAsync(Picture(1), Picture(1));
        await SendAsync(Picture(1));
        await _ann.ForkAsync(first.ReplyMessageId!, cancellationToken: Token);

        Numbers().Should().Be($"1 {PictureSize} 3");
    }

    [Fact]
    public async Task Picture_is_removed_with_the_last_message_that_has_it()
    {
        var first = await SendAsync(Picture(1), Picture(2));
        var second = await SendAsync(Picture(1));

        await _ann.DeleteMessageAsync(first.InputMessageId!, Token);
        Numbers().Should().Be($"1 {PictureSize} 1");
        await _ann.DeleteMessageAsync(second.InputMessageId!, Token);

        Numbers().Should().Be("0 0 0");
    }

    [Fact]
    public async Task Pictures_of_a_deleted_conversation_are_removed_in_parts()
    {
        for (var number = 0; number < 12; number++)
            await SendAsync(Picture(number));
        var fork = await _ann.ForkAsync((await SendAsync(Picture(3))).ReplyMessageId!, cancellationToken: Token);
        var source = (await _ann.ListAsync(cancellationToken: Token).ToListAsync(Token)).Single(conversation => conversation.Id != fork.Id);
        await _store.DisposeAsync();
        using var session = SqliteSession.Open($"{_folder.ConnectionString()};Pooling=False");

        new DeleteConversationWrite(fork.Id, Commands.Host).Run(session, 1);
        session.AskNumber("SELECT COUNT(*) FROM data").Should().Be(12, "the source has them");
        new DeleteConversationWrite(source.Id, Commands.Host).Run(session, 1);
        session.AskNumber("SELECT COUNT(*) FROM data").Should().BeInRange(1, 11, "a few megabytes are removed at once");
        while (new RemoveWrite([]).Run(session, 1).Answer)
        {
        }

        Numbers().Should().Be("0 0 0");
    }

    [Fact]
    public async Task Deleted_pictures_leave_no_bytes()
    {
        var first = await SendAsync(new DataPart("image/png", Canaries(PictureSize)));
        await SendAsync(new DataPart("image/png", Canaries(PictureSize / 2)), new DataPart("image/png", Canaries(100)));
        _folder.FilesWith(Canary).Should().NotBeEmpty();
        await _ann.DeleteMessageAsync(first.InputMessageId!, Token);

        await _ann.DeleteAllAsync(Bot, Token);
        await WhenIdleAsync();

        _folder.FilesWith(Canary).Should().BeEmpty();
    }

    [Fact]
    public async Task Damaged_picture_is_reported_and_spoils_no_prompt()
    {
        var result = await SendAsync(Picture(1));
        using (var inspector = new Inspector(_folder))
            inspector.Execute("UPDATE data SET bytes = zeroblob(length(bytes))");
        IReadOnlyList<ConversationMessage> prompt = [];

        var read = () => _ann.GetDataAsync(result.InputMessageId!, Picture(1).Hash, Token);
        await _ann.RunTurnAsync(Bot, "again", async (turn, token) => prompt = await turn.LoadDataAsync(turn.Prompt, token), Token);

        (await read.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(ConversationErrorCodes.StoreCorrupt);
        prompt[0].Parts.Should().Equal(new TextPart("look"), new TextPart("[image/png: cannot be read]"));
        var damaged = await new ConversationMaintenance(_store, new ConversationOptions()).FindDamageAsync(Token).ToListAsync(Token);
        damaged.Should().Equal(new DamagedData(result.ConversationId!, 1));
    }

    private static DataPart Picture(int number)
    {
        var bytes = new byte[PictureSize];
        new Random(number).NextBytes(bytes);
        return new DataPart("image/png", bytes);
    }

    private static byte[] Canaries(int size) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Canary, (size / Canary.Length) + 1)));

    private Task<TurnResult> SendAsync(params DataPart[] data) =>
        _ann.RunTurnAsync(new TurnRequest(Bot, new ConversationMessage(MessageRole.User, [new TextPart("look"), .. data])), (_, _) => Task.FromResult("Nice."), Token);

    private async Task<string> ConversationAsync(Func<int, DataPart[]> dataOf)
    {
        var filler = new string('x', 500);
        var id = "";
        for (var number = 0; number < Turns; number++)
        {
            var message = new ConversationMessage(MessageRole.User, [new TextPart(filler), .. dataOf(number)]);
            id = (await _ann.RunTurnAsync(new TurnRequest(Bot, message) { StartNew = number == 0 }, (_, _) => Task.FromResult(filler), Token)).ConversationId!;
        }

        return id;
    }

    /// <summary>The bytes that a page and a window allocate, the second time: statements and types are ready then.</summary>
    private long Cost(string conversationId)
    {
        Read(conversationId);
        return Read(conversationId);
    }

    private long Read(string conversationId)
    {
        using var session = SqliteSession.Open($"{_folder.ConnectionString()};Pooling=False");
        var range = new MessageRange { Access = Commands.Host, ConversationId = conversationId, Limit = 2 * Turns };
        var lookup = new ConversationLookup { Access = Commands.Host, ConversationId = conversationId, Window = new WindowSize(2 * Turns) };
        var before = GC.GetAllocatedBytesForCurrentThread();
        SqliteReads.Messages(session, range).Should().HaveCount(2 * Turns);
        SqliteLoad.Read(session, (lookup, TimeProvider.System)).Window.Should().HaveCount(2 * Turns);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>The bytes of the rows that a page reads.</summary>
    private long RowsOf(string conversationId)
    {
        using var inspector = new Inspector(_folder);
        return long.Parse(
            inspector.Strings($"SELECT CAST(SUM(octet_length(m.content)) AS TEXT) FROM conversations c JOIN messages m ON m.key >> 32 = c.key WHERE c.id = '{conversationId}'")[0],
            CultureInfo.InvariantCulture);
    }

    private string Numbers()
    {
        using var inspector = new Inspector(_folder);
        return inspector.Strings("SELECT COUNT(*) || ' ' || COALESCE(SUM(length(bytes)), 0) || ' ' || (SELECT COUNT(*) FROM message_data) FROM data")[0];
    }

    private async Task WhenIdleAsync()
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (new FileInfo(_folder.File() + "-wal") is { Exists: true, Length: > 0 })
        {
            TimeProvider.System.GetElapsedTime(begun).Should().BeLessThan(Longest, "the log is emptied soon");
            await Task.Yield();
        }
    }
}
