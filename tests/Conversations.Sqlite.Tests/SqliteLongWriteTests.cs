using Conversations.Storage;

namespace Conversations.Sqlite.Tests;

/// <summary>Long conversations are created in parts, so that no other write waits long.</summary>
public sealed class SqliteLongWriteTests : LongConversationTest
{
    [Fact]
    public async Task Create_lets_other_writes_in_between_and_shows_nothing_before_its_end()
    {
        await Store.TurnAsync();
        var (messages, conversations) = (0L, 0L);

        // The clock is read within the transaction of the first part.
        Task<bool>? between = null;
        Clock.Next = () => between = Store.Writer.WriteAsync(
            new Probe<bool>(session =>
            {
                (messages, conversations) = (session.AskNumber("SELECT COUNT(*) FROM messages"), session.AskNumber("SELECT COUNT(*) FROM conversations"));
                return true;
            }), SqliteDurability.Process, Token).AsTask();
        var isCreated = await Store.TryWriteAsync(Create("conv_long", Messages), Token);
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
        await Store.TurnAsync();
        using var source = new CancellationTokenSource();
        Clock.Next = source.Cancel;

        var create = () => Store.TryWriteAsync(Create("conv_long", Messages), source.Token).AsTask();

        await create.Should().ThrowAsync<OperationCanceledException>();
        (await Store.LoadAsync("conv_long")).Should().BeNull();
        await WhenRemovedAsync();
        Rows("messages").Should().Be(2);
    }

    [Fact]
    public async Task Create_that_is_refused_leaves_nothing_and_can_be_repeated()
    {
        await Store.TurnAsync();
        var batch = Create("conv_long", Messages);

        (await Store.TryWriteAsync(batch with { PointerChange = new PointerChange(null, "conv_long") }, Token)).Should().BeFalse();
        (await Store.LoadAsync("conv_long")).Should().BeNull();
        await WhenRemovedAsync();
        Rows("messages").Should().Be(2);

        (await Store.TryWriteAsync(batch, Token)).Should().BeTrue();
        (await ReadAsync("conv_long")).Should().HaveCount(Messages);
    }

    [Fact]
    public async Task Create_is_refused_when_two_messages_of_different_parts_have_the_same_position()
    {
        var batch = Create("conv_long", Messages);
        var write = batch.Conversations[0];
        StoredMessage[] messages = [.. write.Messages, write.Messages[0]];

        (await Store.TryWriteAsync(batch with { Conversations = [write with { Messages = messages }] }, Token)).Should().BeFalse();

        (await Store.LoadAsync("conv_long")).Should().BeNull();
    }

    [Fact]
    public async Task Create_of_few_large_messages_is_in_parts_too()
    {
        await Store.TurnAsync();
        var seen = 0L;
        Task<bool>? between = null;
        Clock.Next = () => between = Store.Writer.WriteAsync(new Probe<bool>(session => (seen = session.AskNumber("SELECT COUNT(*) FROM messages")) > 0), SqliteDurability.Process, Token).AsTask();
        var texts = Enumerable.Range(0, 6).Select(number => new string((char)('a' + number), 1024 * 1024)).ToArray();

        (await Store.TryWriteAsync(Create("conv_large", texts), Token)).Should().BeTrue();
        await between!;

        seen.Should().Be(2 + 2);
        (await ReadAsync("conv_large")).Select(message => message.Text).Should().Equal(texts);
    }

    [Fact]
    public async Task Messages_of_a_process_that_died_are_removed_after_their_time()
    {
        await Store.TurnAsync();
        LeaveBehind(due: Clock.GetUtcNow() + TimeSpan.FromMinutes(1));

        await ReopenAsync(Clock);
        Rows("messages").Should().Be(3);

        Clock.Advance(TimeSpan.FromMinutes(1));
        await ReopenAsync(Clock);
        Rows("messages").Should().Be(2);
        Rows("removals").Should().Be(0);
    }

    [Fact]
    public async Task Create_is_refused_when_its_messages_were_removed_meanwhile()
    {
        await Store.TurnAsync();
        Task<bool>? removed = null;
        Clock.Next = () => Clock.Next = () => removed = RemoveLaterAsync();

        (await Store.TryWriteAsync(Create("conv_long", 1_700), Token)).Should().BeFalse();

        (await removed!).Should().BeTrue();
        (await Store.LoadAsync("conv_long")).Should().BeNull();
        await WhenRemovedAsync();
        Rows("messages").Should().Be(2);

        // One part of two is removed. Then the creation goes on.
        async Task<bool> RemoveLaterAsync()
        {
            var advancing = Store.Writer.WriteAsync(new Probe<bool>(_ => { Clock.Advance(TimeSpan.FromMinutes(11)); return true; }), SqliteDurability.Process, Token);
            var removing = Store.Writer.WriteAsync(new RemoveWrite([]), SqliteDurability.Process, Token);
            return await advancing & await removing;
        }
    }

    [Fact]
    public async Task Create_that_is_canceled_does_not_wait_for_another_process()
    {
        await Store.TurnAsync();
        using var source = new CancellationTokenSource();
        using var other = SqliteSession.Open($"{Folder.ConnectionString()};Pooling=False");
        var isLocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // The parts of the store are the only other writes, so the lock is free between two of them.
        var locking = Task.CompletedTask;
        Clock.Next = () => locking = Task.Run(() =>
        {
            while (!other.TryRun(SqliteStatements.Begin))
                Thread.Yield();
            isLocked.SetResult();
        });
        var creating = Store.TryWriteAsync(Create("conv_long", 200_000), source.Token).AsTask();
        await isLocked.Task;
        await source.CancelAsync();

        // The other process still has the file locked.
        await FluentActions.Awaiting(() => creating).Should().ThrowAsync<OperationCanceledException>();

        await locking;
        other.RollBack();
        await WhenRemovedAsync();
        Rows("messages").Should().Be(2);
    }

    [Fact]
    public async Task Create_that_is_cut_off_by_the_end_of_the_store_leaves_nothing()
    {
        await Store.TurnAsync();
        Task closing = Task.CompletedTask;
        Clock.Next = () => closing = Store.DisposeAsync().AsTask();

        await FluentActions.Awaiting(() => Store.TryWriteAsync(Create("conv_long", Messages, "kanarienvogel"), Token).AsTask()).Should().ThrowAsync<ObjectDisposedException>();
        await closing;

        Rows("removals").Should().Be(0);
        Rows("messages").Should().Be(2);
        Folder.FilesWith("kanarienvogel").Should().BeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Create_that_is_canceled_or_refused_leaves_no_word(bool isCanceled)
    {
        await Store.TurnAsync();
        using var other = new Inspector(Folder);
        other.Strings("SELECT id FROM conversations");
        using var source = new CancellationTokenSource();
        var batch = Create("conv_long", Messages, "kanarienvogel");
        if (isCanceled)
        {
            Clock.Next = () => Clock.Next = source.Cancel;
            await FluentActions.Awaiting(() => Store.TryWriteAsync(batch, source.Token).AsTask()).Should().ThrowAsync<OperationCanceledException>();
        }
        else
        {
            (await Store.TryWriteAsync(batch with { PointerChange = new PointerChange(null, "conv_long") }, source.Token)).Should().BeFalse();
        }

        await WhenRemovedAsync();
        await WhenErasedAsync(Store);

        Folder.FilesWith("kanarienvogel").Should().BeEmpty();
    }

    [Fact]
    public async Task Messages_that_others_left_are_removed_from_time_to_time()
    {
        await Store.TurnAsync();
        LeaveBehind(due: Clock.GetUtcNow() + TimeSpan.FromMinutes(1));

        await Store.Writer.EraseAsync();
        Rows("messages").Should().Be(3);

        Clock.Advance(TimeSpan.FromMinutes(2));
        await Store.Writer.EraseAsync();
        Rows("messages").Should().Be(2);
    }

    [Fact]
    public async Task Messages_that_others_left_are_removed_when_the_clock_was_set_back()
    {
        await Store.TurnAsync();
        LeaveBehind(due: Clock.GetUtcNow() + TimeSpan.FromDays(365));

        await Store.Writer.EraseAsync();

        Rows("messages").Should().Be(2);
    }
}
