using Conversations.Storage;

namespace Conversations.Sqlite.Tests;

/// <summary>What a batch writes, and what it costs in pages.</summary>
public sealed class SqliteBatchTests : IAsyncDisposable
{
    private const int FrameSize = 4096 + 24;
    private const int HeaderSize = 32;

    private readonly TemporaryFolder _folder = new();
    private readonly SqliteConversationStore _store;

    public SqliteBatchTests() => _store = new SqliteConversationStore(_folder.ConnectionString());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Turn_writes_two_pages_to_begin_and_five_to_commit()
    {
        await _store.TurnAsync();
        var before = Pages();

        var begun = await _store.BeginAsync();
        var afterBegin = Pages();
        await _store.CommitAsync(begun, "Hi");

        (afterBegin - before).Should().Be(2, "that of the conversation and that of the messages");
        (Pages() - afterBegin).Should().Be(5, "those, that of the runs and those of the two lists");
    }

    [Fact]
    public async Task Run_on_existing_input_writes_one_page_more_to_commit()
    {
        await _store.TurnAsync();
        var begun = await _store.BeginAsync();
        var run = begun.OpenRun!.Run with { IsOnExistingInput = true, InputPosition = 1 };
        var before = Pages();

        await _store.CommitAsync(begun with { OpenRun = begun.OpenRun with { Run = run } }, "Hi");

        (Pages() - before).Should().Be(6, "those of a turn and that of the index of these runs");
    }

    [Fact]
    public async Task Open_run_with_more_than_its_columns_comes_back_whole()
    {
        var begun = await _store.BeginAsync();
        var run = begun.OpenRun!.Run with { Model = "model", PromptTokens = 3, Cost = 1.50m, Usage = new TokenUsage { InputTokens = 1 }, Error = "e \0 👋" };
        var target = begun with { OpenRun = begun.OpenRun with { Run = run } };

        (await WriteAsync(new ConversationWrite { Conversation = target })).Should().BeTrue();

        (await _store.LoadAsync(begun.Conversation.Id)).Should().Be(target with { Version = begun.Version + 1 });
    }

    [Fact]
    public async Task Key_is_refused_when_a_run_of_the_same_batch_keeps_it()
    {
        var begun = await _store.BeginAsync();
        await _store.CommitAsync(begun, "Hi");
        var read = (await _store.GetCurrentAsync())!;
        StoredRun WithKey(long number, string? key) => new()
        {
            Run = new ConversationRun { ConversationId = read.Conversation.Id, Number = number, Status = RunStatus.Completed, StartedAt = read.Conversation.CreatedAt, IdempotencyKey = key },
        };

        (await WriteAsync(new ConversationWrite { Conversation = read, Runs = [WithKey(1, "k")] })).Should().BeTrue();
        var taken = await WriteAsync(new ConversationWrite { Conversation = read with { Version = read.Version + 1 }, Runs = [WithKey(1, "k"), WithKey(2, "k")] });
        var freed = await WriteAsync(new ConversationWrite { Conversation = read with { Version = read.Version + 1 }, Runs = [WithKey(2, "k"), WithKey(1, null)] });

        (taken, freed).Should().Be((false, true));
        using var inspector = new Inspector(_folder);
        inspector.Strings("SELECT value || ' ' || (run & 0xFFFFFFFF) FROM idempotency_keys").Should().Equal("k 2");
    }

    [Fact]
    public async Task Batch_that_is_not_applied_leaves_no_row()
    {
        var begin = Commands.Begin();
        var refused = begin with { PointerChange = new PointerChange("conv_missing", begin.Conversations[0].Conversation.Conversation.Id) };

        (await _store.TryWriteAsync(refused, Token)).Should().BeFalse();

        using var inspector = new Inspector(_folder);
        inspector.Strings("SELECT (SELECT COUNT(*) FROM scopes) || ' ' || (SELECT COUNT(*) FROM conversations) || ' ' || (SELECT COUNT(*) FROM messages)").Should().Equal("0 0 0");
    }

    [Fact]
    public async Task Delete_leaves_no_row_but_the_scope()
    {
        (await _store.TryWriteAsync(Commands.Begin(key: "open"), Token)).Should().BeTrue();
        var begun = (await _store.GetCurrentAsync())!;
        await _store.CommitAsync(begun, "Hi");
        var current = await _store.GetCurrentAsync();
        (await _store.TryWriteAsync(Commands.Begin(key: "another", current: current), Token)).Should().BeTrue();

        (await _store.DeleteConversationAsync(begun.Conversation.Id, Commands.Host, Token)).Should().BeTrue();

        using var inspector = new Inspector(_folder);
        var tables = inspector.Strings("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
        tables.Where(table => inspector.Strings($"SELECT '' FROM {table}").Count > 0).Should().BeEmpty();
    }

    private ValueTask<bool> WriteAsync(ConversationWrite write) =>
        _store.TryWriteAsync(new ConversationBatch { Access = Commands.Host, Conversations = [write], Durability = WriteDurability.Process }, Token);

    private long Pages() => (new FileInfo(_folder.File() + "-wal").Length - HeaderSize) / FrameSize;
}
