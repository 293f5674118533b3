using Conversations.Storage;
using Conversations.StoreSpecification;

namespace Conversations.Sqlite.Tests;

/// <summary>Long conversations are created and deleted in parts, so that no other write waits long.</summary>
public sealed class SqliteLongWriteTests : IAsyncDisposable
{
    private const int Messages = 1_200;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly HookedClock _clock = new();
    private readonly SqliteConversationStore _store;

    public SqliteLongWriteTests() => _store = new SqliteConversationStore(_folder.ConnectionString(), _clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Create_lets_other_writes_in_between_and_shows_nothing_before_its_end()
    {
        await _store.TurnAsync();
        var (messages, conversations) = (0L, 0L);

        // The clock is read within the transaction of the first part.
        Task<bool>? between = null;
        _clock.Next = () => between = _store.Writer.WriteAsync(
            new Probe<bool>(session =>
            {
                (messages, conversations) = (session.AskNumber("SELECT COUNT(*) FROM messages"), session.AskNumber("SELECT COUNT(*) FROM conversations"));
                return true;
            }), SqliteDurability.Process, Token).AsTask();
        var isCreated = await _store.TryWriteAsync(Create("conv_long", Messages), Token);
        await between!;

        isCreated.Should().BeTrue();
        (messages - 2).Should().BeInRange(1, WriteShare.Rows);
        conversations.Should().Be(1);
        (await ReadAsync("conv_long")).Select(message => message.Text).Should().Equal(Enumerable.Range(1, Messages).Select(number => $"{number}"));
        Rows("removals").Should().Be(0);
    }

    [Fact]
    public async Task Create_that_is_canceled_in_between_leaves_nothing()
    {
        await _store.TurnAsync();
        using var source = new CancellationTokenSource();
        _clock.Next = source.Cancel;

        var create = () => _store.TryWriteAsync(Create("conv_long", Messages), source.Token).AsTask();

        await create.Should().ThrowAsync<OperationCanceledException>();
        (await _store.LoadAsync("conv_long")).Should().BeNull();
        await WhenRemovedAsync();
        Rows("messages").Should().Be(2);
    }

    [Fact]
    public async Task Create_that_is_refused_leaves_nothing_and_can_be_repeated()
    {
        await _store.TurnAsync();
        var batch = Create("conv_long", Messages);

        (await _store.TryWriteAsync(batch with { PointerChange = new PointerChange(null, "conv_long") }, Token)).Should().BeFalse();
        (await _store.LoadAsync("conv_long")).Should().BeNull();
        await WhenRemovedAsync();
        Rows("messages").Should().Be(2);

        (await _store.TryWriteAsync(batch, Token)).Should().BeTrue();
        (await ReadAsync("conv_long")).Should().HaveCount(Messages);
    }

    [Fact]
    public async Task Create_is_refused_when_two_messages_of_different_parts_have_the_same_position()
    {
        var batch = Create("conv_long", Messages);
        var write = batch.Conversations[0];
        StoredMessage[] messages = [.. write.Messages, write.Messages[0]];

        (await _store.TryWriteAsync(batch with { Conversations = [write with { Messages = messages }] }, Token)).Should().BeFalse();

        (await _store.LoadAsync("conv_long")).Should().BeNull();
    }

    [Fact]
    public async Task Create_of_few_large_messages_is_in_parts_too()
    {
        await _store.TurnAsync();
        var seen = 0L;
        Task<bool>? between = null;
        _clock.Next = () => between = _store.Writer.WriteAsync(new Probe<bool>(session => (seen = session.AskNumber("SELECT COUNT(*) FROM messages")) > 0), SqliteDurability.Process, Token).AsTask();
        var texts = Enumerable.Range(0, 6).Select(number => new string((char)('a' + number), 1024 * 1024)).ToArray();

        (await _store.TryWriteAsync(Create("conv_large", texts), Token)).Should().BeTrue();
        await between!;

        seen.Should().Be(2 + 2);
        (await ReadAsync("conv_large")).Select(message => message.Text).Should().Equal(texts);
    }

    [Fact]
    public async Task Messages_of_a_process_that_died_are_removed_after_their_time()
    {
        await _store.TurnAsync();
        LeaveBehind(due: _clock.GetUtcNow() + TimeSpan.FromMinutes(1));

        await ReopenAsync(_clock);
        Rows("messages").Should().Be(3);

        _clock.Advance(TimeSpan.FromMinutes(1));
        await ReopenAsync(_clock);
        Rows("messages").Should().Be(2);
        Rows("removals").Should().Be(0);
    }

    [Fact]
    public async Task Delete_removes_some_rows_at_once_and_the_others_later()
    {
        await _store.TryWriteAsync(Create("conv_long", Messages), Token);
        await WriteRunsAsync("conv_long", 700);
        await _store.DisposeAsync();
        using var session = SqliteSession.Open($"{_folder.ConnectionString()};Pooling=False");

        new DeleteConversationWrite("conv_long", Commands.Host).Run(session, 1).Answer.Should().BeTrue();
        var left = new List<string> { Left(session) };
        while (new RemoveWrite().Run(session, 1).Answer)
            left.Add(Left(session));

        left.Should().Equal("200 200 1200", "0 0 900", "0 0 400", "0 0 0");
        session.AskNumber("SELECT COUNT(*) FROM removals").Should().Be(0);
        session.AskNumber("SELECT COUNT(*) FROM scopes").Should().Be(0);
    }

    [Fact]
    public async Task Delete_removes_a_few_megabytes_at_once()
    {
        await _store.TryWriteAsync(Create("conv_large", [.. Enumerable.Range(0, 5).Select(_ => new string('a', 1024 * 1024))]), Token);
        await _store.DisposeAsync();
        using var session = SqliteSession.Open($"{_folder.ConnectionString()};Pooling=False");

        new DeleteConversationWrite("conv_large", Commands.Host).Run(session, 1);

        session.AskNumber("SELECT COUNT(*) FROM messages").Should().Be(3);
    }

    [Fact]
    public async Task Delete_is_finished_soon()
    {
        await _store.TryWriteAsync(Create("conv_long", 5_000), Token);
        await WriteRunsAsync("conv_long", 700);

        (await _store.DeleteConversationAsync("conv_long", Commands.Host, Token)).Should().BeTrue();
        await WhenRemovedAsync();

        Left().Should().Be("0 0 0");
    }

    [Fact]
    public async Task Delete_is_finished_when_the_store_is_closed()
    {
        await _store.TryWriteAsync(Create("conv_long", 5_000), Token);
        await WriteRunsAsync("conv_long", 700);
        await _store.DeleteConversationAsync("conv_long", Commands.Host, Token);

        await _store.DisposeAsync();

        Left().Should().Be("0 0 0");
        Rows("removals").Should().Be(0);
    }

    [Fact]
    public async Task Delete_of_a_process_that_died_is_finished_when_the_file_is_opened()
    {
        await _store.TurnAsync();
        LeaveBehind(due: _clock.GetUtcNow());
        await using var store = new SqliteConversationStore(_folder.ConnectionString(), _clock);

        await store.GetCurrentAsync();
        await WhenRemovedAsync();

        Rows("messages").Should().Be(2);
    }

    [Fact]
    public async Task Key_of_a_run_that_is_not_removed_yet_is_free()
    {
        await _store.TryWriteAsync(Create("conv_long", Messages), Token);
        await WriteRunsAsync("conv_long", 700);
        await _store.DeleteConversationAsync("conv_long", Commands.Host, Token);

        (await _store.TryWriteAsync(Commands.Begin(key: "key 700"), Token)).Should().BeTrue();
        await WhenRemovedAsync();

        using var inspector = new Inspector(_folder);
        inspector.Strings("SELECT k.value || ' ' || c.id FROM idempotency_keys k JOIN conversations c ON c.key = k.run >> 32").Should().ContainSingle().Which.Should().StartWith("key 700 ");
        Rows("idempotency_keys").Should().Be(1);
    }

    private static ConversationBatch Create(string id, int messages) => Create(id, [.. Enumerable.Range(1, messages).Select(number => $"{number}")]);

    private static ConversationBatch Create(string id, params string[] texts)
    {
        var begin = Commands.Begin();
        var (write, scope) = (begin.Conversations[0], Commands.Scope());
        var conversation = write.Conversation.Conversation with { Id = id, LastPosition = texts.Length, MessageCount = texts.Length };
        return new ConversationBatch
        {
            Access = Commands.Host,
            Scope = scope,
            Durability = WriteDurability.Disk,
            Conversations =
            [
                new ConversationWrite
                {
                    Conversation = new StoredConversation { Conversation = conversation },
                    Messages = [.. texts.Select((text, i) => new StoredMessage(ConversationMessage.User(text)) { ConversationId = id, Position = i + 1, CreatedAt = conversation.CreatedAt })],
                },
            ],
        };
    }

    private async Task WriteRunsAsync(string id, int count)
    {
        var conversation = (await _store.LoadAsync(id))!;
        var runs = Enumerable.Range(1, count).Select(number => new StoredRun
        {
            Run = new ConversationRun { ConversationId = id, Number = number, Status = RunStatus.Completed, Caller = "caller", IdempotencyKey = $"key {number}", StartedAt = conversation.Conversation.CreatedAt },
            Fingerprint = "f",
        });
        var write = new ConversationWrite { Conversation = conversation with { LastRun = count }, Runs = [.. runs] };
        (await _store.TryWriteAsync(new ConversationBatch { Access = Commands.Host, Conversations = [write], Durability = WriteDurability.Process }, Token)).Should().BeTrue();
    }

    private ValueTask<IReadOnlyList<StoredMessage>> ReadAsync(string id) =>
        _store.ReadMessagesAsync(new MessageRange { ConversationId = id, Access = Commands.Host, Limit = int.MaxValue }, Token);

    /// <summary>Leaves a message behind, as a process does that dies while it creates or deletes a conversation.</summary>
    private void LeaveBehind(DateTimeOffset due)
    {
        using var inspector = new Inspector(_folder);
        inspector.Execute($"INSERT INTO removals (key, scope, due) VALUES (77, 1, {due.UtcTicks})");
        inspector.Execute("INSERT INTO messages (key, role, kind, format, flags, created_at, checksum, content) VALUES ((77 << 32) | 1, 1, 0, 0, 0, 0, 0, 'left')");
    }

    private async Task ReopenAsync(TimeProvider clock)
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString(), clock);
        await store.GetCurrentAsync();
    }

    private async Task WhenRemovedAsync()
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (Rows("removals") > 0)
        {
            TimeProvider.System.GetElapsedTime(begun).Should().BeLessThan(Longest, "what is left is removed soon");
            await Task.Yield();
        }
    }

    private long Rows(string table)
    {
        using var inspector = new Inspector(_folder);
        return long.Parse(inspector.Strings($"SELECT COUNT(*) FROM {table}")[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    private string Left() => $"{Rows("runs")} {Rows("idempotency_keys")} {Rows("messages")}";

    private static string Left(SqliteSession session) =>
        $"{session.AskNumber("SELECT COUNT(*) FROM runs")} {session.AskNumber("SELECT COUNT(*) FROM idempotency_keys")} {session.AskNumber("SELECT COUNT(*) FROM messages")}";

    /// <summary>A clock that runs an action once when it is read.</summary>
    private sealed class HookedClock : TimeProvider
    {
        private readonly ManualTimeProvider _time = new();
        private Action? _next;

        public Action? Next
        {
            set => Volatile.Write(ref _next, value);
        }

        public override DateTimeOffset GetUtcNow()
        {
            Interlocked.Exchange(ref _next, null)?.Invoke();
            return _time.GetUtcNow();
        }

        public override long GetTimestamp() => _time.GetTimestamp();

        public void Advance(TimeSpan by) => _time.Advance(by);
    }
}
