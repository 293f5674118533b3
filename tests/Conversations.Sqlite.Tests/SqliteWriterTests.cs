using Conversations.Storage;

namespace Conversations.Sqlite.Tests;

/// <summary>The queue before the connection that writes.</summary>
public sealed class SqliteWriterTests : IDisposable
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
    public async Task Write_cancelled_while_it_waits_writes_nothing_and_the_store_remains_usable()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());
        var busy = OccupyAsync(store);
        using var cancellation = new CancellationTokenSource();

        var waiting = store.TryWriteAsync(Commands.Begin(), cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        var wait = () => waiting;
        await wait.Should().ThrowAsync<OperationCanceledException>();
        _release.Set();
        await busy;

        (await store.GetCurrentAsync()).Should().BeNull();
        (await store.BeginAsync()).Conversation.LastPosition.Should().Be(1);
    }

    [Fact]
    public async Task Writes_are_written_in_the_order_of_arrival()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());
        var busy = OccupyAsync(store);
        var order = new List<int>();

        var writes = Enumerable.Range(0, 20)
            .Select(number => store.Writer.WriteAsync(new Probe<bool>(_ => Add(order, number)), SqliteDurability.Process, Token).AsTask())
            .ToList();
        _release.Set();
        await busy;
        await Task.WhenAll(writes);

        order.Should().Equal(Enumerable.Range(0, 20));
    }

    [Fact]
    public async Task Dispose_waits_for_the_write_in_progress_and_refuses_later_ones()
    {
        var store = new SqliteConversationStore(_folder.ConnectionString());
        var busy = OccupyAsync(store);

        var dispose = store.DisposeAsync().AsTask();
        var behind = store.TryWriteAsync(Commands.Begin(), Token).AsTask();
        var disposedEarly = dispose.IsCompleted;
        _release.Set();
        await dispose;

        disposedEarly.Should().BeFalse();
        (await busy).Should().BeTrue();
        var wait = () => behind;
        await wait.Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task Write_that_throws_is_rolled_back_and_the_store_remains_usable()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());
        var failing = new Probe<bool>(session =>
        {
            session.Execute("INSERT INTO scopes (session_id, project, agent, audience) VALUES ('s', 'p', 'a', 'u')");
            throw new NotSupportedException();
        });

        var write = () => store.Writer.WriteAsync(failing, SqliteDurability.Full, Token).AsTask();

        await write.Should().ThrowAsync<NotSupportedException>();
        var scopes = await store.Writer.WriteAsync(
            new Probe<long>(session => session.AskNumber("SELECT COUNT(*) FROM scopes")), SqliteDurability.Full, Token);
        scopes.Should().Be(0);
    }

    private static bool Add(List<int> order, int number)
    {
        order.Add(number);
        return true;
    }

    /// <summary>Begins a write that goes on until it is released.</summary>
    private Task<bool> OccupyAsync(SqliteConversationStore store)
    {
        var write = Task.Run(
            () => store.Writer.WriteAsync(
                new Probe<bool>(_ =>
                {
                    _begun.Set();
                    _release.Wait(Token);
                    return true;
                }),
                SqliteDurability.Full,
                Token).AsTask(),
            Token);
        _begun.Wait(Token);
        return write;
    }
}
