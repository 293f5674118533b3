using Conversations.Storage;
using Microsoft.Data.Sqlite;

namespace Conversations.Sqlite.Tests;

/// <summary>What calls do while another process has the whole file locked, beyond <see cref="StoreSpecification.LockedDataSpecification{TFixture}"/>: opening and reading wait too.</summary>
public sealed class SqliteLockedDataTests : IDisposable
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    // Far more than anything takes, so that a busy machine fails no test.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Open_returns_its_task_and_waits_for_the_lock(bool exists)
    {
        if (exists)
            await BeginAsync();
        await using var store = Store();
        using var other = new Inspector(_folder);
        Lock(other);

        var load = OnThisThread(() => store.LoadAsync(Lookup(), Token));
        var write = OnThisThread(() => store.TryWriteAsync(Commands.Begin(Commands.Scope("user_2")), Token));
        var wereCompleted = load.IsCompleted || write.IsCompleted;
        other.Dispose();

        wereCompleted.Should().BeFalse();
        ((await load.WaitAsync(Longest, Token)).Conversation is not null).Should().Be(exists);
        (await write.WaitAsync(Longest, Token)).Should().BeTrue();
    }

    [Fact]
    public async Task Open_ends_when_it_is_canceled_while_the_file_is_locked()
    {
        await using var store = Store();
        using var other = new Inspector(_folder);
        using var cancellation = new CancellationTokenSource();
        Lock(other);

        var load = OnThisThread(() => store.LoadAsync(Lookup(), cancellation.Token));
        var write = OnThisThread(() => store.TryWriteAsync(Commands.Begin(), cancellation.Token));
        await cancellation.CancelAsync();

        await load.Awaiting(task => task.WaitAsync(Longest, Token)).Should().ThrowAsync<OperationCanceledException>();
        await write.Awaiting(task => task.WaitAsync(Longest, Token)).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Read_is_tried_again_while_the_file_is_locked()
    {
        await using var store = Store();
        await store.BeginAsync();
        var attempts = 0;

        var read = await store.Readers.ReadAsync((_, _) => ++attempts < 4 ? throw Busy() : attempts, 0, Token);

        read.Should().Be(4);
    }

    [Fact]
    public async Task Read_ends_when_it_is_canceled_while_the_file_is_locked()
    {
        await using var store = Store();
        await store.BeginAsync();
        using var cancellation = new CancellationTokenSource();

        var read = OnThisThread(() => store.Readers.ReadAsync<int, int>((_, _) => throw Busy(), 0, cancellation.Token));
        await cancellation.CancelAsync();

        await read.Awaiting(task => task.WaitAsync(Longest, Token)).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Read_is_unavailable_when_its_time_is_over()
    {
        await using var store = Store(TimeSpan.Zero);
        await store.BeginAsync();

        var read = OnThisThread(() => store.Readers.ReadAsync<int, int>((_, _) => throw Busy(), 0, Token));

        (await read.Awaiting(task => task).Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(ConversationErrorCodes.StoreUnavailable);
    }

    [Fact]
    public async Task Each_call_is_unavailable_when_its_own_time_is_over()
    {
        await BeginAsync();
        await using var store = Store(TimeSpan.FromMilliseconds(50));
        await store.LoadAsync(Lookup(), Token);
        using var other = new Inspector(_folder);
        other.Execute("BEGIN IMMEDIATE");

        var first = store.TryWriteAsync(Commands.Begin(), Token).AsTask();
        var second = store.TryWriteAsync(Commands.Begin(), Token).AsTask();
        var ends = new List<ConversationStoreException>();
        foreach (var write in (Task<bool>[])[first, second])
            ends.Add((await write.Awaiting(task => task.WaitAsync(Longest, Token)).Should().ThrowAsync<ConversationStoreException>()).Which);
        var begun = TimeProvider.System.GetTimestamp();
        var third = store.TryWriteAsync(Commands.Begin(), Token).AsTask();
        ends.Add((await third.Awaiting(task => task.WaitAsync(Longest, Token)).Should().ThrowAsync<ConversationStoreException>()).Which);
        var waited = TimeProvider.System.GetElapsedTime(begun);
        other.Execute("COMMIT");

        ends.Should().AllSatisfy(end => end.Code.Should().Be(ConversationErrorCodes.StoreUnavailable));
        waited.Should().BeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(50));
        (await store.BeginAsync()).Conversation.LastPosition.Should().Be(2);
    }

    [Fact]
    public async Task Dispose_does_not_wait_for_the_busy_timeout()
    {
        await BeginAsync();
        var store = Store();
        await store.LoadAsync(Lookup(), Token);
        using var other = new Inspector(_folder);
        other.Execute("BEGIN IMMEDIATE");

        var write = store.TryWriteAsync(Commands.Begin(Commands.Scope("user_2")), Token).AsTask();
        var read = store.Readers.ReadAsync<int, int>((_, _) => throw Busy(), 0, Token).AsTask();
        await store.DisposeAsync().AsTask().WaitAsync(Longest, Token);

        (await write.Awaiting(task => task).Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(ConversationErrorCodes.StoreUnavailable);
        await read.Awaiting(task => task).Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task Writes_of_a_store_that_waits_are_written_when_the_lock_is_released()
    {
        await BeginAsync();
        await using var store = Store();
        await store.LoadAsync(Lookup(), Token);
        using var other = new Inspector(_folder);
        other.Execute("BEGIN IMMEDIATE");

        var writes = Enumerable.Range(2, 20).Select(user => store.TryWriteAsync(Commands.Begin(Commands.Scope($"user_{user}")), Token).AsTask()).ToList();
        var dispose = store.DisposeAsync().AsTask();
        other.Execute("COMMIT");
        await dispose.WaitAsync(Longest, Token);

        (await Task.WhenAll(writes)).Should().AllBeEquivalentTo(true);
    }

    private static SqliteException Busy() => new("", 5);

    private static ConversationLookup Lookup() => new() { Scope = Commands.Scope(), Access = Commands.Scope().Access() };

    // The thread of the test blocks for ever if the call does.
    private static Task<T> OnThisThread<T>(Func<ValueTask<T>> call) => call().AsTask();

    // A connection that has the file for itself, as SQLite's own tools and backups do.
    private static void Lock(Inspector other) => other.Execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS held (key INTEGER)");

    private async Task BeginAsync()
    {
        await using var store = Store();
        await store.BeginAsync();
    }

    private SqliteConversationStore Store(TimeSpan? busyTimeout = null) =>
        new(new SqliteConversationStoreOptions { ConnectionString = _folder.ConnectionString(), BusyTimeout = busyTimeout ?? TimeSpan.FromMinutes(1) });
}
