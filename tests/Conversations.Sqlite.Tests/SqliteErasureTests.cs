using Microsoft.Data.Sqlite;

namespace Conversations.Sqlite.Tests;

/// <summary>What is deleted is in none of the bytes of the database, its log and its shared memory, once the store has been idle for a moment.</summary>
public sealed class SqliteErasureTests : IAsyncDisposable
{
    private const string Bot = "support-bot";

    // In no word, key or name that remains.
    private const string Canary = "kanarienvogel";

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly SqliteConversationStore _store;
    private readonly ConversationManager _manager;

    // Another process keeps the file open, so that closing the store does not remove the log.
    private readonly SqliteConnection _other;

    public SqliteErasureTests()
    {
        _store = new SqliteConversationStore(_folder.ConnectionString());
        _manager = new ConversationManager(_store, new ConversationOptions().AddAgent(Bot, agent => agent.HistoryLimit = 4));
        _other = new SqliteConnection($"{_folder.ConnectionString()};Pooling=False");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _other.DisposeAsync();
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Deleted_conversations_leave_no_word_key_title_or_identity()
    {
        await WriteAsync();
        var deleted = await _manager.ForIdentity(ConversationIdentity.ForUser(Canary, Canary)).DeleteAllAsync(Bot, Token);
        await _manager.DeleteAsync((await _manager.GetCurrentAsync(Bot, Canary, cancellationToken: Token))!.Id, Token);

        await WhenIdleAsync();

        deleted.Should().Be(3);
        Found().Should().BeEmpty();
        (await _manager.ListAsync(cancellationToken: Token).CountAsync(Token)).Should().Be(20);
    }

    [Fact]
    public async Task Deleted_conversations_leave_nothing_when_the_store_is_closed_at_once()
    {
        await WriteAsync();
        await _other.OpenAsync(Token);
        await _manager.ForIdentity(ConversationIdentity.ForUser(Canary, Canary)).DeleteAllAsync(Bot, Token);
        await _manager.DeleteAsync((await _manager.GetCurrentAsync(Bot, Canary, cancellationToken: Token))!.Id, Token);

        await _store.DisposeAsync();

        Found().Should().BeEmpty();
    }

    [Fact]
    public async Task Deleted_message_leaves_no_word_and_no_title()
    {
        var mine = _manager.ForIdentity(ConversationIdentity.ForUser("ann"));
        var result = await mine.RunTurnAsync(Bot, $"{Canary} is what I wrote. {Filler(5)}", (_, _) => Task.FromResult("Noted."), Token);
        await mine.RunTurnAsync(Bot, "And now?", (_, _) => Task.FromResult("Go on."), Token);

        await mine.DeleteMessageAsync(result.InputMessageId!, Token);
        await WhenIdleAsync();

        Found().Should().BeEmpty();
        (await mine.GetAsync(result.ConversationId!, Token))!.Title.Should().Be("And now?");
    }

    [Fact]
    public async Task Removed_feedback_leaves_no_word()
    {
        var mine = _manager.ForIdentity(ConversationIdentity.ForUser("ann"));
        var result = await mine.RunTurnAsync(Bot, "Hello", (_, _) => Task.FromResult("Hi."), Token);
        await mine.GiveFeedbackAsync(result.ReplyMessageId!, 1, Canary, Token);
        Found().Should().NotBeEmpty();

        await mine.RemoveFeedbackAsync(result.ReplyMessageId!, Token);
        await WhenIdleAsync();

        Found().Should().BeEmpty();
    }

    [Fact]
    public async Task Deletion_is_erased_when_a_reader_that_prevented_it_has_ended()
    {
        await WriteAsync();
        await _other.OpenAsync(Token);
        await using (var reading = _other.BeginTransaction(deferred: true))
        {
            await using var command = _other.CreateCommand();
            command.Transaction = reading;
            command.CommandText = "SELECT COUNT(*) FROM messages";
            await command.ExecuteScalarAsync(Token);
            await _manager.ForIdentity(ConversationIdentity.ForUser(Canary, Canary)).DeleteAllAsync(Bot, Token);
            await _manager.DeleteAsync((await _manager.GetCurrentAsync(Bot, Canary, cancellationToken: Token))!.Id, Token);
            Found().Should().NotBeEmpty("the reader still reads it");
        }

        await WhenIdleAsync();

        Found().Should().BeEmpty();
    }

    [Fact]
    public async Task Deletion_of_a_process_that_has_died_is_erased_when_the_file_is_opened()
    {
        await WriteAsync();
        await _other.OpenAsync(Token);
        await using (var reading = _other.BeginTransaction(deferred: true))
        {
            // The log cannot be emptied while another process reads.
            await using var command = _other.CreateCommand();
            command.Transaction = reading;
            command.CommandText = "SELECT COUNT(*) FROM messages";
            await command.ExecuteScalarAsync(Token);
            await _manager.ForIdentity(ConversationIdentity.ForUser(Canary, Canary)).DeleteAllAsync(Bot, Token);
            await _manager.DeleteAsync((await _manager.GetCurrentAsync(Bot, Canary, cancellationToken: Token))!.Id, Token);
            foreach (var ending in new[] { "", "-wal" })
                File.Copy(_folder.File() + ending, _folder.File("left.db") + ending);
        }

        Found("left.db").Should().Contain("left.db-wal");
        await using var store = new SqliteConversationStore(_folder.ConnectionString("left.db"));
        await store.GetCurrentAsync();
        await WhenIdleAsync("left.db");

        Found("left.db").Should().BeEmpty();
        new FileInfo(_folder.File("left.db")).Length.Should().BePositive();
    }

    private static string Filler(int kilobytes) => string.Concat(Enumerable.Repeat("Some words that remain until they are deleted. ", kilobytes * 20));

    /// <summary>Writes conversations of a user, a thread and others, with long and short messages in turn, so that pages are split and shared.</summary>
    private async Task WriteAsync()
    {
        var canary = _manager.ForIdentity(ConversationIdentity.ForUser(Canary, Canary));
        for (var round = 0; round < 20; round++)
        {
            await _manager.ForIdentity(ConversationIdentity.ForUser($"user_{round}")).RunTurnAsync(Bot, $"question {round} {Filler(round % 3)}", (_, _) => Task.FromResult("answer"), Token);
            var request = new TurnRequest(Bot, $"{Canary} {round} {Filler(round % 4)} {Canary}") { IdempotencyKey = $"{Canary} {round}", StartNew = round is 5 or 10, ConversationMetadata = $$"""{"x":"{{Canary}}"}""" };
            var result = await canary.RunTurnAsync(request, (_, _) => Task.FromResult($"{Canary}, {Filler(round % 5)}"), Token);
            await canary.GiveFeedbackAsync(result.ReplyMessageId!, round, Canary, Token);
            await _manager.RunTurnAsync(new TurnRequest(Bot, $"{Canary} {round}") { Thread = Canary, Channel = "api" }, (_, _) => Task.FromResult(Canary), Token);
        }
    }

    private async Task WhenIdleAsync(string name = "conversations.db")
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (new FileInfo(_folder.File(name) + "-wal") is { Exists: true, Length: > 0 })
        {
            TimeProvider.System.GetElapsedTime(begun).Should().BeLessThan(Longest, "the log is emptied soon");
            await Task.Yield();
        }
    }

    private List<string> Found(string name = "conversations.db") => _folder.FilesWith(Canary, name);
}
