using System.Diagnostics.Metrics;
using Conversations.Storage;
using Conversations.StoreSpecification;

namespace Conversations.Sqlite.Tests;

/// <summary>The write-ahead log stays small, and the file shrinks.</summary>
public sealed class SqliteLogTests : IAsyncDisposable
{
    private const int Megabyte = 1024 * 1024;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly SqliteConversationStore _store;

    public SqliteLogTests() => _store = new SqliteConversationStore(new SqliteConversationStoreOptions { ConnectionString = _folder.ConnectionString() }, _clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private long LogSize => new FileInfo(_folder.File() + "-wal").Length;

    private long FileSize => new FileInfo(_folder.File()).Length;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Log_stays_under_32_megabytes_while_one_read_or_another_is_always_running()
    {
        await _store.TurnAsync();
        var sizes = new List<long>();
        var read = Begin();
        await read.HasBegunAsync();

        for (var round = 0; round < 40; round++)
        {
            var next = Begin();
            while (!next.HasBegun && !_store.Readers.IsPausing)
                await Task.Yield();
            await WriteAsync(round);
            sizes.Add(LogSize);
            _clock.Advance(TimeSpan.FromSeconds(1));
            await read.EndAsync();
            read = next;
        }

        await read.EndAsync();
        sizes.Max().Should().BeInRange(8 * Megabyte, 32 * Megabyte);
    }

    [Fact]
    public async Task Pause_gives_up_when_a_read_takes_long_and_other_reads_go_on()
    {
        await _store.TurnAsync();
        var read = Begin();
        await read.HasBegunAsync();

        var isPaused = await _store.Readers.PauseAsync(_ => Task.FromResult(true), TimeSpan.Zero);
        var current = await _store.ReadRunsAsync(new RunRange { ConversationId = (await _store.GetCurrentAsync())!.Conversation.Id, Access = Commands.Host, Limit = 9 }, Token);
        await read.EndAsync();

        isPaused.Should().BeFalse();
        current.Should().ContainSingle();
        (await _store.Readers.PauseAsync(_ => Task.FromResult(true), TimeSpan.Zero)).Should().BeTrue();
    }

    [Fact]
    public async Task Read_that_is_called_in_a_pause_waits_for_its_end()
    {
        var id = await _store.TurnAsync();
        var paused = new TaskCompletionSource<bool>();
        var pausing = _store.Readers.PauseAsync(_ => paused.Task, Longest);

        var read = _store.ReadMessagesAsync(new MessageRange { ConversationId = id, Access = Commands.Host, Limit = 9 }, Token).AsTask();
        var isEarly = read.IsCompleted;
        paused.SetResult(true);

        (await pausing).Should().BeTrue();
        isEarly.Should().BeFalse();
        (await read).Should().HaveCount(2);
    }

    [Fact]
    public async Task Read_does_not_wait_for_a_write_that_takes_long_when_the_log_is_to_be_emptied()
    {
        var id = await _store.TurnAsync();
        using var end = new ManualResetEventSlim();
        var write = Task.Factory.StartNew(() => _store.Writer.WriteAsync(new Probe<bool>(_ => end.Wait(Longest, Token)), SqliteDurability.Process, Token).AsTask(), Token, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
        await UntilAsync(() => !_store.Writer.TryRead(static (_, _) => true, 0, out _));

        var emptying = _store.Writer.EmptyLogAsync();
        var isPausing = _store.Readers.IsPausing;
        var messages = await _store.ReadMessagesAsync(new MessageRange { ConversationId = id, Access = Commands.Host, Limit = 9 }, Token);
        var isWriting = !write.IsCompleted;
        end.Set();

        (await write).Should().BeTrue();
        (isPausing, isWriting).Should().Be((true, true));
        messages.Should().HaveCount(2);
        (await emptying).Should().BeFalse();
        LogSize.Should().BePositive("what was given up is not done later");
        (await _store.Writer.EmptyLogAsync()).Should().BeTrue();
        LogSize.Should().Be(0);
    }

    [Fact]
    public async Task Log_is_emptied_by_one_call_at_a_time()
    {
        await _store.TurnAsync();
        var read = Begin();
        await read.HasBegunAsync();

        var first = _store.Writer.EmptyLogAsync();
        var second = _store.Writer.EmptyLogAsync();
        var isWaiting = !second.IsCompleted;
        await read.EndAsync();

        isWaiting.Should().BeFalse();
        (await second).Should().BeFalse();
        (await first).Should().BeTrue();
    }

    [Fact]
    public async Task Long_log_is_not_emptied_for_two_seconds_after_that_has_failed()
    {
        await _store.TurnAsync();
        var read = Begin();
        await read.HasBegunAsync();
        var isEmptied = await _store.Writer.ShortenLogAsync();
        await read.EndAsync();

        _clock.Advance(TimeSpan.FromSeconds(2) - TimeSpan.FromTicks(1));
        var isEmptiedSoon = await _store.Writer.ShortenLogAsync();
        var size = LogSize;
        _clock.Advance(TimeSpan.FromTicks(1));
        var isEmptiedLater = await _store.Writer.ShortenLogAsync();

        (isEmptied, isEmptiedSoon, isEmptiedLater).Should().Be((false, false, true));
        size.Should().BePositive();
        LogSize.Should().Be(0);
    }

    [Fact]
    public async Task Log_is_emptied_after_a_deletion_even_if_no_page_can_be_given_back_and_that_is_tried_again()
    {
        // So little that the log is not emptied for its size.
        var id = await _store.TurnAsync(answer: new string('x', 3 * Megabyte));
        await _store.DeleteConversationAsync(id, Commands.Host, Token);

        // Like a full disk, this refuses each write.
        File.Move(_folder.File() + "-wal", _folder.File("moved"));
        await UntilAsync(() => new FileInfo(_folder.File("moved")).Length == 0);
        File.Move(_folder.File("moved"), _folder.File() + "-wal");

        await UntilAsync(() => FileSize < 2 * Megabyte && LogSize == 0);
    }

    [Fact]
    public async Task File_shrinks_after_a_deletion_and_stays_whole()
    {
        var kept = await _store.TurnAsync(Commands.Scope("kept"));
        var id = await _store.TurnAsync(answer: new string('x', 20 * Megabyte));
        var before = FileSize + LogSize;

        await _store.DeleteConversationAsync(id, Commands.Host, Token);
        await UntilAsync(() => FileSize < 3 * Megabyte);

        before.Should().BeGreaterThan(20 * Megabyte);
        await UntilAsync(() => LogSize == 0);
        (await _store.LoadAsync(kept))!.Conversation.MessageCount.Should().Be(2);
        using var inspector = new Inspector(_folder);
        inspector.Strings("PRAGMA integrity_check").Should().Equal("ok");
    }

    [Fact]
    public async Task Deletion_that_a_read_only_file_refuses_needs_no_erasure()
    {
        var id = await _store.TurnAsync();
        await using var reading = new SqliteConversationStore($"{_folder.ConnectionString()};Mode=ReadOnly");

        var deletion = () => reading.DeleteConversationAsync(id, Commands.Host, Token).AsTask();

        (await deletion.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(ConversationErrorCodes.StoreReadOnly);
        reading.Writer.IsErasureNeeded.Should().BeFalse();
        (await _store.DeleteConversationAsync(id, Commands.Host, Token)).Should().BeTrue();
        await UntilAsync(() => !_store.Writer.IsErasureNeeded && LogSize == 0);
    }

    [Fact]
    public async Task Size_of_the_log_is_measured_while_the_store_is_open()
    {
        await _store.TurnAsync();
        var measured = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "conversations.sqlite.log.size")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => measured = value);
        listener.Start();

        // Other stores are open in the same process.
        listener.RecordObservableInstruments();

        measured.Should().BeGreaterThanOrEqualTo(LogSize).And.BePositive();
    }

    private async Task WriteAsync(int number) =>
        await _store.Writer.WriteAsync(
            new Probe<bool>(session =>
            {
                session.Execute($"INSERT INTO scopes (session_id, project, agent, audience, thread) VALUES ('{number}', 'p', 'a', 'u', '{new string('x', Megabyte)}')");
                return true;
            }),
            SqliteDurability.Process,
            Token);


    private static async Task UntilAsync(Func<bool> condition)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            TimeProvider.System.GetElapsedTime(begun).Should().BeLessThan(Longest);
            await Task.Yield();
        }
    }

    private Reading Begin() => new(_store);

    /// <summary>A read that is running, with a snapshot of its own, until the test ends it.</summary>
    private sealed class Reading
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _running;

        public Reading(SqliteConversationStore store) =>
            _running = Task.Factory.StartNew(() => store.Readers.ReadAsync(Read, this, Token).AsTask(), Token, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

        public bool HasBegun => _begun.Task.IsCompleted;

        public Task HasBegunAsync() => _begun.Task;

        public Task EndAsync()
        {
            _end.SetResult();
            return _running;
        }

        private static long Read(SqliteSession session, Reading reading)
        {
            session.Execute("BEGIN; SELECT COUNT(*) FROM scopes");
            reading._begun.SetResult();
            ((IAsyncResult)reading._end.Task).AsyncWaitHandle.WaitOne();
            session.RollBack();
            return 0;
        }
    }
}
