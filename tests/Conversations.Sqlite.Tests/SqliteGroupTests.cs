using Conversations.Storage;

namespace Conversations.Sqlite.Tests;

/// <summary>Many writes in one transaction: none of them harms another.</summary>
public sealed class SqliteGroupTests : IDisposable
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    private readonly TemporaryFolder _folder = new();
    private readonly ManualResetEventSlim _begun = new();
    private readonly ManualResetEventSlim _release = new();

    public void Dispose()
    {
        _begun.Dispose();
        _release.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Writes_that_wait_are_one_transaction()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());
        var seen = new List<long>();

        await GroupAsync(store, Enumerable.Range(0, 5).Select(number => Inserting(number, session =>
        {
            // What is written and not committed is seen by the connection that writes, and by no other.
            seen.Add(Count(session));
            using var other = new Inspector(_folder);
            seen.Add(other.Strings("SELECT session_id FROM scopes").Count);
        })));

        seen.Should().Equal(1, 0, 2, 0, 3, 0, 4, 0, 5, 0);
        (await CountAsync(store)).Should().Be(5);
    }

    [Fact]
    public async Task Write_that_throws_does_not_affect_the_others()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());

        var ends = await GroupAsync(store, [Inserting(1), Inserting(2, _ => throw new NotSupportedException()), Inserting(3)]);

        ends.Select(end => end.Exception?.InnerException?.GetType()).Should().Equal(null, typeof(NotSupportedException), null);
        (await SessionsAsync(store)).Should().Equal("1", "3");
    }

    [Fact]
    public async Task Write_that_is_rolled_back_does_not_affect_the_others()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());

        await GroupAsync(store, [Inserting(1), new Probe<bool>(session => Insert(session, 2), keep: false), Inserting(3)]);

        (await SessionsAsync(store)).Should().Equal("1", "3");
    }

    [Fact]
    public async Task Write_that_ends_the_transaction_for_all_is_the_only_one_that_fails()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());

        // As a full disk does.
        var ends = await GroupAsync(store, [Inserting(1), Inserting(2, session =>
        {
            session.Execute("ROLLBACK");
            session.Execute("INSERT INTO nowhere VALUES (1)");
        }), Inserting(3)]);

        ends.Select(end => end.IsFaulted).Should().Equal(false, true, false);
        (await SessionsAsync(store)).Should().Equal("1", "3");
    }

    [Fact]
    public async Task Write_that_finds_the_disk_full_is_the_only_one_that_fails()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());
        await store.Writer.WriteAsync(new Probe<bool>(session => Limit(session, session.AskNumber("PRAGMA page_count") + 20)), SqliteDurability.Full, Token);

        var ends = await GroupAsync(store, [Inserting(1), Inserting(2, session => session.Execute("UPDATE scopes SET project = hex(randomblob(1000000)) WHERE session_id = '2'")), Inserting(3)]);

        ends.Select(end => (end.Exception?.InnerException as ConversationStoreException)?.Code).Should().Equal(null, ConversationErrorCodes.StoreFull, null);
        (await SessionsAsync(store)).Should().Equal("1", "3");
    }

    [Fact]
    public async Task Write_that_is_cancelled_while_it_waits_is_not_in_the_transaction()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());
        using var cancellation = new CancellationTokenSource();
        var busy = Occupy(store);
        var first = store.Writer.WriteAsync(Inserting(1), SqliteDurability.Full, Token).AsTask();
        var second = store.Writer.WriteAsync(Inserting(2), SqliteDurability.Full, cancellation.Token).AsTask();
        var third = store.Writer.WriteAsync(Inserting(3), SqliteDurability.Full, Token).AsTask();

        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => second).Should().ThrowAsync<OperationCanceledException>();
        _release.Set();
        await Task.WhenAll(busy, first, third);

        (await SessionsAsync(store)).Should().Equal("1", "3");
    }

    [Fact]
    public async Task Durable_write_that_was_overtaken_can_still_be_cancelled()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());
        using var cancellation = new CancellationTokenSource();
        var busy = Occupy(store);
        var durable = store.Writer.WriteAsync(Inserting(1), SqliteDurability.Full, cancellation.Token).AsTask();
        var quick = store.Writer.WriteAsync(Inserting(2, _ => cancellation.Cancel()), SqliteDurability.Process, Token).AsTask();

        _release.Set();
        await Task.WhenAll(busy, quick);

        await FluentActions.Awaiting(() => durable).Should().ThrowAsync<OperationCanceledException>();
        (await SessionsAsync(store)).Should().Equal("2");
    }

    [Fact]
    public async Task Writes_of_many_callers_at_once_are_each_written_once()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());
        const int Workers = 64;
        const int Writes = 25;

        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(
            async () =>
            {
                for (var i = 0; i < Writes; i++)
                    await store.Writer.WriteAsync(Inserting((worker * Writes) + i), i % 2 == 0 ? SqliteDurability.Full : SqliteDurability.Process, Token);
            },
            Token)));

        (await CountAsync(store)).Should().Be(Workers * Writes);
    }

    [Fact]
    public async Task Dispose_completes_the_writes_that_arrived_before()
    {
        var store = new SqliteConversationStore(_folder.ConnectionString());
        var busy = Occupy(store);
        var before = store.Writer.WriteAsync(Inserting(1), SqliteDurability.Full, Token).AsTask();

        var dispose = store.DisposeAsync().AsTask();
        _release.Set();
        await Task.WhenAll(busy, before, dispose);

        using var inspector = new Inspector(_folder);
        inspector.Strings("SELECT session_id FROM scopes").Count.Should().Be(1);
    }

    private static Probe<bool> Inserting(int number, Action<SqliteSession>? then = null) => new(session =>
    {
        Insert(session, number);
        then?.Invoke(session);
        return true;
    });

    private static bool Insert(SqliteSession session, int number)
    {
        session.Execute($"INSERT INTO scopes (session_id, project, agent, audience) VALUES ('{number}', 'p', 'a', 'u')");
        return true;
    }

    private static bool Limit(SqliteSession session, long pages) => session.AskNumber($"PRAGMA max_page_count = {pages}") > 0;

    private static long Count(SqliteSession session) => session.AskNumber("SELECT COUNT(*) FROM scopes");

    private static async Task<long> CountAsync(SqliteConversationStore store) =>
        await store.Writer.WriteAsync(new Probe<long>(Count), SqliteDurability.Process, Token);

    private static async Task<string[]> SessionsAsync(SqliteConversationStore store) =>
        (await store.Writer.WriteAsync(new Probe<string>(session => session.Ask("SELECT group_concat(session_id) FROM scopes") ?? ""), SqliteDurability.Process, Token)).Split(',');

    /// <summary>Has writes wait for one before them, so that they are done together.</summary>
    private async Task<IReadOnlyList<Task>> GroupAsync(SqliteConversationStore store, IEnumerable<Probe<bool>> writes)
    {
        var busy = Occupy(store);
        var queued = writes.Select(write => store.Writer.WriteAsync(write, SqliteDurability.Full, Token).AsTask()).ToList();
        _release.Set();
        await busy;
        await Task.WhenAll(queued).ContinueWith(static _ => { }, Token, TaskContinuationOptions.None, TaskScheduler.Default);
        return queued;
    }

    /// <summary>Begins a write that goes on until it is released.</summary>
    private Task<bool> Occupy(SqliteConversationStore store)
    {
        var write = Task.Run(
            () => store.Writer.WriteAsync(
                new Probe<bool>(
                    _ =>
                    {
                        _begun.Set();
                        _release.Wait(Token);
                        return true;
                    },
                    keep: false),
                SqliteDurability.Full,
                Token).AsTask(),
            Token);
        _begun.Wait(Token);
        return write;
    }
}
