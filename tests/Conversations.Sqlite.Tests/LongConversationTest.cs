using Conversations.Storage;
using Conversations.StoreSpecification;

namespace Conversations.Sqlite.Tests;

/// <summary>A store with conversations that are too long for one write.</summary>
public abstract class LongConversationTest : IAsyncDisposable
{
    protected const int Messages = 1_200;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    protected LongConversationTest() => Store = new SqliteConversationStore(Folder.ConnectionString(), Clock);

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected TemporaryFolder Folder { get; } = new();

    protected HookedClock Clock { get; } = new();

    protected SqliteConversationStore Store { get; }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Waits until what was deleted is erased. Another connection must be open, so that the log is not removed when the store is closed.</summary>
    protected async Task WhenErasedAsync(SqliteConversationStore store)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (store.Writer.IsErasureNeeded || new FileInfo(Folder.File() + "-wal").Length > 0)
        {
            TimeProvider.System.GetElapsedTime(begun).Should().BeLessThan(Longest, "the log is emptied soon");
            await Task.Yield();
        }
    }

    protected static ConversationBatch Create(string id, int messages, string? word = null) =>
        Create(id, [.. Enumerable.Range(1, messages).Select(number => word is null ? $"{number}" : $"{word} {number}")]);

    protected static ConversationBatch Create(string id, params string[] texts)
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

    protected async Task WriteRunsAsync(string id, int count)
    {
        var conversation = (await Store.LoadAsync(id))!;
        var runs = Enumerable.Range(1, count).Select(number => new StoredRun
        {
            Run = new ConversationRun { ConversationId = id, Number = number, Status = RunStatus.Completed, Caller = "caller", IdempotencyKey = $"key {number}", StartedAt = conversation.Conversation.CreatedAt },
            Fingerprint = "f",
        });
        var write = new ConversationWrite { Conversation = conversation with { LastRun = count }, Runs = [.. runs] };
        (await Store.TryWriteAsync(new ConversationBatch { Access = Commands.Host, Conversations = [write], Durability = WriteDurability.Process }, Token)).Should().BeTrue();
    }

    protected ValueTask<IReadOnlyList<StoredMessage>> ReadAsync(string id) =>
        Store.ReadMessagesAsync(new MessageRange { ConversationId = id, Access = Commands.Host, Limit = int.MaxValue }, Token);

    /// <summary>Leaves a message behind, as a process does that dies while it creates or deletes a conversation.</summary>
    protected void LeaveBehind(DateTimeOffset due)
    {
        using var inspector = new Inspector(Folder);
        inspector.Execute($"INSERT INTO removals (key, scope, due) VALUES (77, 1, {due.UtcTicks})");
        inspector.Execute("INSERT INTO messages (key, role, kind, format, flags, created_at, checksum, content) VALUES ((77 << 32) | 1, 1, 0, 0, 0, 0, 0, 'left')");
    }

    protected async Task ReopenAsync(TimeProvider clock)
    {
        await using var store = new SqliteConversationStore(Folder.ConnectionString(), clock);
        await store.GetCurrentAsync();
    }

    protected async Task WhenRemovedAsync()
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (Rows("removals") > 0)
        {
            TimeProvider.System.GetElapsedTime(begun).Should().BeLessThan(Longest, "what is left is removed soon");
            await Task.Yield();
        }
    }

    protected long Rows(string table)
    {
        using var inspector = new Inspector(Folder);
        return long.Parse(inspector.Strings($"SELECT COUNT(*) FROM {table}")[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    protected string Left() => $"{Rows("runs")} {Rows("idempotency_keys")} {Rows("messages")}";

    private protected static string Left(SqliteSession session) =>
        $"{session.AskNumber("SELECT COUNT(*) FROM runs")} {session.AskNumber("SELECT COUNT(*) FROM idempotency_keys")} {session.AskNumber("SELECT COUNT(*) FROM messages")}";

    /// <summary>A clock that runs an action once when it is read.</summary>
    protected sealed class HookedClock : TimeProvider
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

        public void SetBack(TimeSpan by) => _time.SetUtcNow(_time.GetUtcNow() - by);
    }
}
